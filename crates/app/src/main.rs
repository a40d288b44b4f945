//! The program `guildhall`; everything is in the library.

use std::process::ExitCode;

use clap::Parser;
use guildhall_app::cli::{self, Cli};
use guildhall_app::explain;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli::run(cli, &mut std::io::stdout()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            use std::io::Write;
            // Nothing can be done if even this cannot be written.
            let _ = writeln!(std::io::stderr(), "guildhall: {}", explain(&error));
            ExitCode::FAILURE
        }
    }
}
