//! nginx, to compare with: one worker, `sendfile`, no access log, and otherwise its defaults.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use load::Stop;

use crate::arguments::Reference;

/// Whether nginx is installed, and which.
pub fn version() -> Option<String> {
    let output = Command::new("nginx").arg("-v").output().ok()?;
    let said = String::from_utf8(output.stderr).ok()?;
    Some(said.trim().rsplit_once('/')?.1.to_owned())
}

/// Becomes nginx, with all its files in the folder that is given. Returns only if that fails.
pub fn become_nginx(asked: &Reference) -> Stop {
    let Reference { port, folder, .. } = asked;
    let configuration = folder.join(format!("nginx-{port}.conf"));
    if let Err(error) = fs::write(&configuration, configured(asked)) {
        return Stop::to("write the configuration of nginx")(error);
    }
    let error: io::Error =
        Command::new("nginx").arg("-p").arg(folder).arg("-e").arg("stderr").arg("-c").arg(&configuration).exec();
    Stop::to("start nginx")(error)
}

fn configured(asked: &Reference) -> String {
    let (port, root, folder) = (asked.port, asked.root.display(), asked.folder.display());
    let places: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("  {name}_temp_path \"{folder}/{name}\";\n"))
        .concat();
    let connections = asked.connections.map_or(String::new(), |number| format!(" worker_connections {number}; "));
    let cache = asked.keep_files.map_or(String::new(), |seconds| {
        format!("  open_file_cache max=1000 inactive={seconds}s;\n  open_file_cache_valid {seconds}s;\n")
    });
    format!(
        "daemon off;\nworker_processes 1;\npid \"{folder}/nginx-{port}.pid\";\nevents {{{connections}}}\n\
         http {{\n{places}{cache}  sendfile on;\n  access_log off;\n  server {{\n    listen 127.0.0.1:{port};\n    root \"{root}\";\n  }}\n}}\n"
    )
}
