//! `keygen key qr`: the contact address of a key as a QR code, in the terminal or in a picture.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use qrcode::render::{svg, unicode::Dense1x2};
use qrcode::{Color, EcLevel, QrCode};

use super::{complain, only};
use crate::commands::{Call, new_file};
use crate::config::UsageError;
use crate::config::args::QrArgs;
use crate::config::error::refuse;
use crate::key::inspect::{self, Outcome};
use crate::nodes::uri;

/// Light modules around a code that a reader needs (ISO/IEC 18004, 6.3.8).
const QUIET: usize = 4;

/// Pixels of a module's side in a picture. With one bit a pixel that makes a module a byte.
const PIXELS: usize = 8;

/// Light modules are drawn and dark ones left blank, as a dark terminal needs it; on any other the colours see to it.
const WHITE_ON_BLACK: &str = "\x1b[97;40m";
const NO_COLOUR: &str = "\x1b[0m";

/// Draws the code and prints the address.
///
/// # Errors
/// An output file that can't be, before the key is read; several keys; or what is written is not taken.
pub(super) fn run(args: &QrArgs, call: &mut Call<'_>) -> anyhow::Result<Outcome> {
    let (environment, streams) = call.parts();
    let draw = args.output.as_deref().map(picture).transpose()?;
    let loaded = only(&args.file, args.seed, "a QR code")?;
    let (public, name) = match inspect::contact(&loaded, args.name.as_deref()) {
        Ok(contact) => contact,
        Err(refused) => {
            complain(&refused, streams);
            return Ok(refused.outcome);
        }
    };
    let address = uri::of_contact(&name, &public, args.role);
    match (&args.output, draw) {
        (Some(file), Some(draw)) => {
            // A picture may be printed and get dirty.
            let code = QrCode::with_error_correction_level(&address, EcLevel::M)?;
            write(file, &draw(&code)?)?;
        }
        _ => {
            let code = QrCode::with_error_correction_level(&address, EcLevel::L)?;
            let coloured = environment.stdout_is_terminal && std::env::var_os("NO_COLOR").is_none();
            show(&code, args.ascii, coloured, streams.out)?;
        }
    }
    writeln!(streams.out, "{address}")?;
    Ok(Outcome::Fine)
}

type Draw = fn(&QrCode) -> anyhow::Result<Vec<u8>>;

/// How the picture is drawn, by the ending of its file.
fn picture(file: &Path) -> Result<Draw, UsageError> {
    new_file::check(file)?;
    let ending = file.extension().and_then(|ending| ending.to_str());
    match ending.unwrap_or_default().to_ascii_lowercase().as_str() {
        "png" => Ok(png),
        "svg" => Ok(|code| Ok(code.render::<svg::Color>().build().into_bytes())),
        _ => refuse!(
            "--output {}: not the name of a picture. Allowed are names that end in .png or .svg.",
            file.display()
        ),
    }
}

/// A picture is for others, so it is as readable as any new file.
fn write(file: &Path, picture: &[u8]) -> anyhow::Result<()> {
    let written = File::create_new(file).and_then(|mut open| {
        open.write_all(picture)
            .inspect_err(|_| drop(std::fs::remove_file(file)))
    });
    written.map_err(|error| new_file::error(file, error))
}

fn png(code: &QrCode) -> anyhow::Result<Vec<u8>> {
    let side = code.width() + 2 * QUIET;
    let light = vec![0xff; side];
    let mut bytes = light.repeat(QUIET * PIXELS);
    for row in code.to_colors().chunks(code.width()) {
        let mut line = light.clone();
        for (byte, module) in line[QUIET..].iter_mut().zip(row) {
            *byte = if *module == Color::Dark { 0 } else { 0xff };
        }
        bytes.extend(line.repeat(PIXELS));
    }
    bytes.extend(light.repeat(QUIET * PIXELS));
    let pixels = u32::try_from(side * PIXELS)?;
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, pixels, pixels);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    encoder.write_header()?.write_image_data(&bytes)?;
    Ok(file)
}

fn show(code: &QrCode, ascii: bool, coloured: bool, out: &mut dyn Write) -> io::Result<()> {
    let text = if ascii {
        let mut text = code.render::<char>();
        text.light_color('#')
            .dark_color(' ')
            .module_dimensions(2, 1)
            .build()
    } else {
        let mut text = code.render::<Dense1x2>();
        text.light_color(Dense1x2::Dark)
            .dark_color(Dense1x2::Light)
            .build()
    };
    for line in text.lines() {
        if coloured {
            writeln!(out, "{WHITE_ON_BLACK}{line}{NO_COLOUR}")?;
        } else {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}
