//! `keygen key qr`: a code that another program reads, with nothing secret in it.

use std::fs;
use std::path::Path;
use std::process::Command;

use meshcore_keygen::testing::key::hex;

use crate::common::key_samples::key;
use crate::common::program::{Place, Run, has};

/// What zbarimg reads in a picture; nothing where it is not installed.
fn decoded(test: &str, picture: &Path) -> Option<String> {
    if !has(test, "zbarimg", &["--version"]) {
        return None;
    }
    let output = Command::new("zbarimg")
        .args(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"])
        .arg(picture)
        .output()
        .unwrap();
    Some(
        String::from_utf8(output.stdout)
            .unwrap()
            .trim_end()
            .to_owned(),
    )
}

fn address(name: &str, public: &str, number: u8) -> String {
    format!("meshcore://contact/add?name={name}&public_key={public}&type={number}")
}

fn public() -> String {
    hex::encode(key(1).public())
}

/// Runs `keygen key qr` on the private key.
fn qr(place: &Place, words: &[&str]) -> Run {
    let file = place.write("key.txt", key(1).private().hex().expose());
    let run = place.run(&[&["key", "qr", &file], words].concat());
    let text = (run.out.clone() + &run.err).to_lowercase();
    let private = key(1).private().hex().expose().to_owned();
    assert!(!text.contains(&private[..64]) && !text.contains(&private[64..]));
    run
}

/// A drawing of a code in text as a picture that zbarimg reads: `width` characters are a module, each with its light halves.
fn as_picture(place: &Place, drawing: &str, width: usize) -> std::path::PathBuf {
    let mut rows = Vec::new();
    for line in drawing.lines() {
        let cells: Vec<_> = line.chars().step_by(width).collect();
        let half = |is_light: fn(&char) -> bool| -> Vec<u8> {
            let pixel = |cell| if is_light(cell) { 255 } else { 0 };
            cells
                .iter()
                .map(pixel)
                .flat_map(|pixel| [pixel; 4])
                .collect()
        };
        let upper = half(|cell| matches!(cell, '█' | '▀' | '#'));
        let lower = half(|cell| matches!(cell, '█' | '▄' | '#'));
        rows.extend(vec![upper; 4]);
        if width == 1 {
            rows.extend(vec![lower; 4]);
        }
    }
    let head = format!("P5\n{} {}\n255\n", rows[0].len(), rows.len());
    let file = place.path("drawing.pgm");
    fs::write(&file, [head.into_bytes(), rows.concat()].concat()).unwrap();
    file
}

#[test]
fn pictures_are_read_by_another_program() {
    let place = Place::new();
    for (name, words, in_address) in [
        (
            "a.png",
            &["--name", "Ed's Barn & Söhne+1", "--type", "repeater"][..],
            address("Ed%27s+Barn+%26+S%C3%B6hne%2B1", &public(), 2),
        ),
        (
            "b.PNG",
            &[],
            address(&public()[..8].to_uppercase(), &public(), 1),
        ),
        (
            "c.svg",
            &["--type", "4"],
            address(&public()[..8].to_uppercase(), &public(), 4),
        ),
    ] {
        let file = place.path(name);
        let run = qr(
            &place,
            &[words, &["--output", file.to_str().unwrap()]].concat(),
        );
        assert_eq!(
            (run.code, run.out.trim_end()),
            (Some(0), in_address.as_str()),
            "{}",
            run.err
        );
        let picture = fs::read(&file).unwrap();
        match name {
            "c.svg" => assert!(picture.starts_with(b"<?xml")),
            _ => {
                assert!(picture.starts_with(b"\x89PNG"));
                if let Some(text) = decoded("pictures_are_read", &file) {
                    assert_eq!(text, in_address);
                }
            }
        }
    }
}

#[test]
fn drawings_in_text_are_read_by_another_program() {
    let place = Place::new();
    for (words, width) in [
        (&["--name", "Roof"][..], 1),
        (&["--name", "Roof", "--ascii"], 2),
    ] {
        let run = qr(&place, words);
        assert_eq!(run.code, Some(0), "{}", run.err);
        let (drawing, last) = run.out.trim_end().rsplit_once('\n').unwrap();
        assert_eq!(last, address("Roof", &public(), 1));
        assert_eq!(drawing.is_ascii(), width == 2);
        assert!(!run.out.contains('\x1b'), "colours only on a terminal");
        let picture = as_picture(&place, drawing, width);
        if let Some(text) = decoded("drawings_in_text_are_read", &picture) {
            assert_eq!(text, last);
        }
    }
}

#[test]
fn a_public_key_alone_and_a_seed_have_a_contact_too() {
    let place = Place::new();
    let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    let of_seed = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    for (name, contents, options, key) in [
        ("node_public.txt", public(), &[][..], public()),
        (
            "a.json",
            format!("{{\"public_key\": \"{}\", \"name\": \"x\"}}", public()),
            &[],
            public(),
        ),
        ("bare.txt", seed.to_owned(), &["--seed"], of_seed.to_owned()),
    ] {
        let file = place.write(name, contents);
        let run = place.run(&[&["key", "qr", &file, "--name", "Roof"], options].concat());
        assert_eq!(run.code, Some(0), "{name}: {}", run.err);
        assert!(
            run.out
                .ends_with(&format!("{}\n", address("Roof", &key, 1))),
            "{}",
            run.out
        );
        assert!(!run.out.contains(seed));
    }
}

#[test]
fn what_is_not_a_usable_key_gets_no_code() {
    let place = Place::new();
    let no_point = "1209e141ea5e4fbee1936f6d0bad7ae642d0bd0895edcfa7b6dfb4258c0c9ce2";
    let two = format!(
        "public key: {}\npublic key: {}\n",
        public(),
        hex::encode(key(2).public())
    );
    for (contents, code, said) in [
        (public(), 1, "may be a public key or a seed"),
        (
            format!("public key: {no_point}"),
            1,
            "no point of the curve",
        ),
        (
            format!("public key: {}", "00".repeat(32)),
            1,
            "begins with 00",
        ),
        (
            format!("public key: 01{}", "00".repeat(31)),
            1,
            "everybody can sign for",
        ),
        (two, 2, "holds 2 keys, and a QR code takes one"),
        ("hello".to_owned(), 2, "holds no key"),
        (String::new(), 2, "holds no key"),
    ] {
        let file = place.write("contents.txt", contents);
        let picture = place.path("new.png");
        let run = place.run(&["key", "qr", &file, "--output", picture.to_str().unwrap()]);
        assert_eq!(
            (run.code, run.out.as_str()),
            (Some(code), ""),
            "{said}: {}",
            run.err
        );
        assert!(
            run.err.contains(said) && !picture.exists(),
            "{said}: {}",
            run.err
        );
    }
}

#[test]
fn options_that_can_not_be_are_refused_before_the_key_is_read() {
    let place = Place::new();
    let taken = place.write("taken.png", "mine");
    for (words, said) in [
        (&["--output", "code.jpg"][..], ".png or .svg"),
        (&["--output", "code"], ".png or .svg"),
        (&["--output", &taken], "the file exists"),
        (&["--output", "missing/code.png"], "there is no folder"),
        (
            &["--type", "5"],
            "Allowed are companion, repeater, room, sensor",
        ),
        (&["--name", ""], "1 to 31 bytes"),
        (&["--ascii", "--output", "code.png"], "--ascii"),
    ] {
        let run = place.run(&[&["key", "qr", "/nonexistent/key"], words].concat());
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{words:?}");
        assert!(
            run.err.contains(said) && !run.err.contains("nonexistent"),
            "{}",
            run.err
        );
    }
    assert_eq!(fs::read_to_string(taken).unwrap(), "mine");
}
