//! Raw voxels: bytes and nothing else; what they are stands in a sidecar.

use super::elements::{ALLOWED, Element};
use super::error::ImportError;
use super::labels::{Labelled, Painter};
use serde::Deserialize;
use std::fs::File;
use std::io::{BufReader, Seek, SeekFrom};
use std::path::Path;

/// What the sidecar (`<file>.toml`) says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sidecar {
    /// Voxels along the axes.
    shape: Vec<usize>,
    /// `u8`, `i16` and so on.
    r#type: String,
    /// Needed for more than one byte.
    byte_order: Option<ByteOrder>,
    order: Order,
    /// Bytes before the first voxel.
    #[serde(default)]
    header: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ByteOrder {
    Little,
    Big,
}

/// Which axis runs fastest, by the language whose arrays do so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Order {
    /// The last.
    C,
    /// The first.
    F,
}

pub(super) fn read(
    file: &Path,
    sidecar: &Path,
    mut painter: Painter<'_>,
) -> Result<Labelled, ImportError> {
    let unreadable = |e: std::io::Error| ImportError::unreadable(file, &e);
    let text =
        std::fs::read_to_string(sidecar).map_err(|e| ImportError::unreadable(sidecar, &e))?;
    let malformed = |reason: String| ImportError::Malformed {
        file: sidecar.to_path_buf(),
        format: "a description of raw voxels",
        reason,
    };
    let known: Sidecar =
        toml::from_str(&text).map_err(|e| malformed(e.to_string().trim().into()))?;
    let element = element(&known).ok_or_else(|| ImportError::Element {
        file: sidecar.to_path_buf(),
        found: format!("the type \"{}\"", known.r#type),
        allowed: ALLOWED,
    })?;
    if element.width > 1 && known.byte_order.is_none() {
        return Err(malformed(format!(
            "voxels of {} bytes need byte_order = \"little\" or \"big\"",
            element.width
        )));
    }
    let [n1, n2, n3] = known.shape[..] else {
        return Err(ImportError::Axes {
            file: sidecar.to_path_buf(),
            found: known.shape,
        });
    };
    let shape = [n1, n2, n3];
    let opened = File::open(file).map_err(unreadable)?;
    let length = opened.metadata().map_err(unreadable)?.len();
    let mut reader = BufReader::new(opened);
    reader
        .seek(SeekFrom::Start(known.header))
        .map_err(unreadable)?;
    let left = length.saturating_sub(known.header);
    element.read(file, &mut reader, left, shape, &mut painter)?;
    painter.finish(file, shape, known.order == Order::F)
}

fn element(sidecar: &Sidecar) -> Option<Element> {
    let (width, signed) = match sidecar.r#type.as_str() {
        "bool" | "u8" => (1, false),
        "i8" => (1, true),
        "u16" => (2, false),
        "i16" => (2, true),
        "u32" => (4, false),
        "i32" => (4, true),
        "u64" => (8, false),
        "i64" => (8, true),
        _ => return None,
    };
    Some(Element {
        width,
        signed,
        big_endian: sidecar.byte_order == Some(ByteOrder::Big),
    })
}
