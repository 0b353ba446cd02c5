//! The `engobe` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    engobe::cli::main()
}
