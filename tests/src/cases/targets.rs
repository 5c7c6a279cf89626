//! TODO

use crate::{Case, Group};

pub(super) const CASES: &[Case] = &[];
