//! The manual's table of settings is that of the program.

use super::table::{Section, Setting, settings};

fn row(setting: &Setting) -> String {
    let (default, meaning) = (setting.default(), &setting.meaning);
    format!("| `{}` | {default} | {meaning} |", setting.name)
}

fn table(section: Section) -> String {
    let rows = settings();
    let rows = rows.iter().filter(|s| s.section == section).map(row);
    let head = ["| setting | default | meaning |", "| --- | --- | --- |"].map(str::to_owned);
    head.into_iter().chain(rows).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_manual_lists_every_setting_with_its_default() {
    let manual = include_str!("../../../docs/settings.md");
    for section in Section::ALL {
        let table = table(section);
        assert!(
            manual.contains(&table),
            "docs/settings.md should have:\n{table}"
        );
    }
}
