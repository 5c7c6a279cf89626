//! Whatever the target, its path leads downwards from the root.

#![no_main]

use std::path::{Component, Path};

use libfuzzer_sys::fuzz_target;
use protocol::path_in_root;

fuzz_target!(|target: &str| {
    if let Ok(text) = path_in_root(target) {
        let path = Path::new(&*text);
        assert!(path.is_relative());
        assert!(path.components().next().is_some());
        assert!(path.components().all(|part| matches!(part, Component::Normal(_))), "{path:?}");
        // `components` passes over what the kernel would not: `a/./b`, `a//b`.
        assert!(text.split('/').all(|part| !matches!(part, "" | "." | "..")), "{path:?}");
    }
});
