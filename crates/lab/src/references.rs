//! What the lessons are compared with: a bare epoll loop, and two servers that the world uses, where they are
//! installed.

use load::Stop;
use tempfile::TempDir;

use crate::contender::{Contender, KEEP_FILES};
use crate::{lighttpd, nginx};

/// The bare epoll loop, which is the unit of [`crate::record::Cost::floors`].
pub const FLOOR: &str = "floor";
/// Under which figures are compared with goals.
pub const NGINX: &str = "nginx";
/// Under which figures are compared with goals.
pub const LIGHTTPD: &str = "lighttpd";

/// Those that there are, and the names of those that there are not.
pub struct References {
    pub contenders: Vec<Contender>,
    pub missing: Vec<&'static str>,
}

impl References {
    /// With their files in this folder, which must outlive them. `connections`: the most at a time, if not their
    /// default.
    pub fn here(folder: &TempDir, connections: Option<u32>) -> Result<References, Stop> {
        let mut found = References { contenders: vec![Contender::floor()?], missing: Vec::new() };
        let folder = folder.path().to_string_lossy().into_owned();
        let mut arguments = vec!["--root".to_owned(), "{root}".to_owned(), "--folder".to_owned(), folder];
        if let Some(connections) = connections {
            arguments.extend(["--connections".to_owned(), connections.to_string()]);
        }
        match nginx::version() {
            Some(version) => {
                found.contenders.push(Contender::helper(NGINX, &version, &arguments)?);
                let mut caching = arguments.clone();
                caching.extend(["--keep-files".to_owned(), KEEP_FILES.to_owned()]);
                found.contenders.push(Contender::helper(NGINX, &version, &caching)?.keeping_files());
            }
            None => found.missing.push(NGINX),
        }
        match lighttpd::version() {
            Some(version) => found.contenders.push(Contender::helper(LIGHTTPD, &version, &arguments)?),
            None => found.missing.push(LIGHTTPD),
        }
        Ok(found)
    }
}
