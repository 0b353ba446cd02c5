//! Drawings as PNG: the SVG drawn by resvg with letters of a font that is inside, so that a
//! picture looks the same on every machine.

use super::ReportError;
use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// Arimo, as wide as Arial and Helvetica, which the drawings ask for; see `vendor/README.md`.
pub(super) const FONT: &[u8] = include_bytes!("vendor/Arimo-Regular.ttf");
/// Width of a picture, m: both columns of a page of two.
const WIDTH: f64 = 0.18;
/// Pixels per metre: 300 per inch.
const DENSITY: f64 = 300.0 / 0.0254;
/// Colours that a picture with a palette can have.
const PALETTE: usize = 256;

/// A drawing as PNG on white, 180 mm wide at 300 pixels per inch; in one column of a page of
/// two it has twice as many.
///
/// # Errors
/// [`ReportError::Drawing`] for what is no SVG.
pub fn png(svg: &str) -> Result<Vec<u8>, ReportError> {
    let tree = parsed(svg)?;
    let scale = WIDTH * DENSITY / f64::from(tree.size().width());
    let mut picture = blank(&tree, scale)?;
    picture.fill(Color::WHITE);
    draw(&tree, scale, &mut picture);
    let size = [picture.width() as usize, picture.height() as usize];
    encoded(size, &opaque(&picture), true)
}

/// The same over `background`, which has its pixels for every place of the drawing, row by
/// row in red, green and blue; `size` is that of the background.
///
/// # Errors
/// As for [`png`], and where the background does not have the shape of the drawing.
pub(super) fn png_over(
    background: &[u8],
    size: [usize; 2],
    svg: &str,
) -> Result<Vec<u8>, ReportError> {
    let tree = parsed(svg)?;
    let scale = size[0] as f64 / f64::from(tree.size().width());
    let mut picture = blank(&tree, scale)?;
    let pixels = background.chunks_exact(3);
    if picture.pixels().len() != pixels.len() || picture.width() as usize != size[0] {
        return Err(failed("the picture has another shape than its frame"));
    }
    for (to, from) in picture.data_mut().chunks_exact_mut(4).zip(pixels) {
        to[..3].copy_from_slice(from);
        to[3] = u8::MAX;
    }
    draw(&tree, scale, &mut picture);
    encoded(size, &opaque(&picture), false)
}

fn failed(why: impl std::fmt::Display) -> ReportError {
    ReportError::Drawing(why.to_string())
}

fn parsed(svg: &str) -> Result<usvg::Tree, ReportError> {
    static FONTS: OnceLock<Arc<usvg::fontdb::Database>> = OnceLock::new();
    let fonts = FONTS.get_or_init(|| {
        let mut fonts = usvg::fontdb::Database::new();
        fonts.load_font_data(FONT.to_vec());
        Arc::new(fonts)
    });
    let options = usvg::Options {
        fontdb: Arc::clone(fonts),
        // Whatever a drawing asks for, there is one font.
        font_resolver: usvg::FontResolver {
            select_font: Box::new(|_, fonts| fonts.faces().next().map(|face| face.id)),
            select_fallback: Box::new(|_, _, _| None),
        },
        ..usvg::Options::default()
    };
    usvg::Tree::from_str(svg, &options).map_err(failed)
}

fn blank(tree: &usvg::Tree, scale: f64) -> Result<Pixmap, ReportError> {
    let pixels = |length: f32| (f64::from(length) * scale).round() as u32;
    Pixmap::new(pixels(tree.size().width()), pixels(tree.size().height()))
        .ok_or_else(|| failed("a drawing without size"))
}

fn draw(tree: &usvg::Tree, scale: f64, onto: &mut Pixmap) {
    let scale = Transform::from_scale(scale as f32, scale as f32);
    resvg::render(tree, scale, &mut onto.as_mut());
}

/// Red, green and blue of a picture that nothing shines through.
fn opaque(picture: &Pixmap) -> Vec<u8> {
    let pixels = picture.data().chunks_exact(4);
    pixels.flat_map(|p| [p[0], p[1], p[2]]).collect()
}

/// Pixels (red, green and blue) as PNG, with a palette where that is wanted and they have few
/// colours; `size` is across and down.
///
/// # Errors
/// What the encoder cannot write.
pub(super) fn encoded(
    size: [usize; 2],
    pixels: &[u8],
    palette: bool,
) -> Result<Vec<u8>, ReportError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size[0] as u32, size[1] as u32);
    encoder.set_depth(png::BitDepth::Eight);
    // Drawings are many and compress anyhow; a rendering is one, and goes into its page.
    encoder.set_compression(if palette {
        png::Compression::Fast
    } else {
        png::Compression::Balanced
    });
    let density = DENSITY.round() as u32;
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: density,
        yppu: density,
        unit: png::Unit::Meter,
    }));
    let indexed = palette.then(|| indexed(pixels)).flatten();
    let (palette, data) = indexed.unzip();
    match palette {
        Some(palette) => {
            encoder.set_color(png::ColorType::Indexed);
            encoder.set_palette(palette);
        }
        None => encoder.set_color(png::ColorType::Rgb),
    }
    let mut writer = encoder.write_header().map_err(failed)?;
    let data = data.as_deref().unwrap_or(pixels);
    writer.write_image_data(data).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(bytes)
}

/// Colours, and which of them each pixel has; none where there are too many. Colours are told
/// apart in 32 steps per channel: what lies between are the edges of letters and lines.
fn indexed(pixels: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let step = |v: u8| (v & 0xf8) | (v >> 5);
    let mut palette: Vec<u8> = Vec::new();
    let mut places: HashMap<[u8; 3], u8> = HashMap::new();
    let mut data = Vec::with_capacity(pixels.len() / 3);
    // Most pixels are as the one before.
    let mut last = None;
    for pixel in pixels.chunks_exact(3) {
        let colour = [step(pixel[0]), step(pixel[1]), step(pixel[2])];
        let place = match last {
            Some((before, place)) if before == colour => place,
            _ => match places.get(&colour) {
                Some(place) => *place,
                None if places.len() == PALETTE => return None,
                None => {
                    let place = places.len() as u8;
                    palette.extend(colour);
                    places.insert(colour, place);
                    place
                }
            },
        };
        last = Some((colour, place));
        data.push(place);
    }
    Some((palette, data))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100\" height=\"50\" viewBox=\"0 0 100 50\"><rect width=\"50\" height=\"50\" fill=\"#0072b2\"/><text x=\"60\" y=\"30\" font-size=\"12\">Ω⁻¹</text></svg>";

    fn decode(bytes: &[u8]) -> (png::OutputInfo, Option<png::PixelDimensions>, Vec<u8>) {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        (info, reader.info().pixel_dims, pixels)
    }

    #[test]
    fn a_picture_is_as_wide_as_two_columns_at_300_per_inch() {
        let (info, density, pixels) = decode(&png(SVG).unwrap());
        assert_eq!((info.width, info.height), (2126, 1063));
        assert_eq!(density.map(|d| d.xppu), Some(11811));
        // In five of eight bits.
        assert!(pixels[0] == 0 && pixels[1].abs_diff(0x72) < 8 && pixels[2].abs_diff(0xb2) < 8);
        assert_eq!(&pixels[3 * 2125..3 * 2126], [255; 3]);
        let right = |i: &usize| i % 2126 > 1100;
        let written = (0..2126 * 1063)
            .filter(right)
            .filter(|i| pixels[3 * i] < 128);
        assert!(written.count() > 2000, "the letters are missing");
    }

    #[test]
    fn a_drawing_goes_over_its_background() {
        let over = SVG.replace("<rect width=\"50\"", "<rect width=\"10\"");
        let grey = vec![100; 3 * 200 * 100];
        let (info, _, pixels) = decode(&png_over(&grey, [200, 100], &over).unwrap());
        assert_eq!((info.width, info.height), (200, 100));
        assert!(pixels[0] < 8 && pixels[3 * 60].abs_diff(100) < 8);
        assert!(png_over(&grey, [100, 200], &over).is_err());
        assert!(png("no drawing").is_err());
    }
}
