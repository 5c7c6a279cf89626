//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use http_suite::Stage;

/// Measures the lessons, and any other server of static files on this machine.
#[derive(Debug, Parser)]
#[command(bin_name = "just", disable_help_subcommand = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Task,
}

/// What is to be done. The justfile has a recipe for each.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Lessons side by side with nginx: processor time of a request, of a large file, memory of an idle connection
    Bench(Bench),
    /// A constant answer, for any request
    #[command(hide = true)]
    Floor {
        #[arg(long)]
        port: u16,
    },
    /// nginx, configured to be compared with
    #[command(hide = true)]
    Nginx(Nginx),
}

/// `just bench 07`.
#[derive(Debug, Args)]
pub struct Bench {
    /// The lessons
    #[arg(value_name = "NN", default_values = ["07", "08"], value_parser = stage)]
    pub lessons: Vec<Stage>,

    /// How many rounds, of which the medians are taken
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub rounds: u8,

    /// How long each measurement of a round takes
    #[arg(long, value_name = "MS", default_value_t = 700, value_parser = clap::value_parser!(u16).range(50..=10_000))]
    pub milliseconds: u16,
}

/// What `nginx` is started with.
#[derive(Debug, Args)]
pub struct Nginx {
    #[arg(long)]
    pub port: u16,
    #[arg(long)]
    pub root: PathBuf,
    #[arg(long)]
    pub folder: PathBuf,
    #[arg(long)]
    pub connections: u32,
}

fn stage(text: &str) -> Result<Stage, String> {
    Stage::from_name(text).ok_or_else(|| "the lessons are 01 to 08".into())
}
