//! A picture as it is shown: made anew from its pixels, in the widths that pages ask for. What else a file carries (where
//! a photograph was taken, a camera's number, another file behind its end) does not come along.

use super::picture::{MOST_PIXELS, Picture};
use fast_image_resize::{ResizeError, Resizer};
use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits,
    codecs::{jpeg::JpegEncoder, webp::WebPEncoder},
    metadata::Orientation,
};
use std::io::Cursor;

/// The widths in which a picture is kept; never wider than it came.
const WIDTHS: [u32; 3] = [320, 640, 1280];
/// Of a decoder, for its pixels: a service of 256 MB has room for them and what is made of them.
const MOST_BYTES: u64 = 96 << 20;
/// Of JPEG, of 100: what is lost is not seen.
const QUALITY: u8 = 82;

#[derive(Debug)]
pub(crate) struct Shown {
    /// As wide as it is kept.
    pub(crate) widest: Picture,
    /// The same less wide, the least wide first.
    pub(crate) narrower: Vec<Narrower>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Narrower {
    pub(crate) width: u32,
    pub(crate) bytes: Vec<u8>,
}

impl Shown {
    /// A drawing is kept as it is: it has no pixels, and shows nothing that it does not draw. It takes long: for a thread that may be held up.
    pub(crate) fn of(picture: Picture) -> Result<Self, String> {
        let format = match picture.content_type {
            "image/jpeg" => ImageFormat::Jpeg,
            "image/png" => ImageFormat::Png,
            "image/webp" => ImageFormat::WebP,
            _ => return Ok(Self { widest: picture, narrower: Vec::new() }),
        };
        let (image, orientation) = read(&picture.bytes, format)?;
        let broken = |cause: &dyn std::fmt::Display| format!("cannot be made smaller: {cause}");
        let sideways = turns(orientation);
        let upright = if sideways { image.height() } else { image.width() };
        let mut sizes = Vec::new();
        for width in widths(upright) {
            // Turned when it is small: another copy of all its pixels would be as large as the first.
            let mut sized = sized(&image, width, sideways).map_err(|cause| broken(&cause))?;
            sized.apply_orientation(orientation);
            sizes.push((width, encoded(&sized).map_err(|cause| broken(&cause))?));
        }
        let Some((_, (content_type, bytes))) = sizes.pop() else { return Err("has no width".to_owned()) };
        let narrower = sizes.into_iter().map(|(width, (_, bytes))| Narrower { width, bytes }).collect();
        Ok(Self { widest: Picture { content_type, bytes }, narrower })
    }
}

/// Its pixels, all of one kind, and how it is to be turned. What it says of its size is looked at before any is made.
fn read(bytes: &[u8], format: ImageFormat) -> Result<(DynamicImage, Orientation), String> {
    let unreadable = |cause: ImageError| format!("cannot be read to its end: {cause}");
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MOST_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(unreadable)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS || decoder.total_bytes() > MOST_BYTES {
        return Err(format!("has {width} × {height} pixels: at most {} million are taken", MOST_PIXELS / 1_000_000));
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let image = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    Ok((plain(image), orientation))
}

/// With opacity only where something is seen through.
fn plain(image: DynamicImage) -> DynamicImage {
    if !image.color().has_alpha() {
        return image.into_rgb8().into();
    }
    let pixels = image.into_rgba8();
    let is_seen_through = pixels.pixels().any(|pixel| pixel.0[3] < u8::MAX);
    let image = DynamicImage::from(pixels);
    if is_seen_through { image } else { image.into_rgb8().into() }
}

const fn turns(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    )
}

/// In which widths it is kept: those that it has, and the widest.
fn widths(has: u32) -> Vec<u32> {
    let mut widths: Vec<u32> = WIDTHS.into_iter().filter(|width| *width < has).collect();
    if widths.len() < WIDTHS.len() {
        widths.push(has);
    }
    widths
}

/// So wide when it is upright. Colours are weighed by what is seen of them, so that no edge gets dark.
fn sized(image: &DynamicImage, width: u32, sideways: bool) -> Result<DynamicImage, ResizeError> {
    let (is, other) = if sideways { (image.height(), image.width()) } else { (image.width(), image.height()) };
    if width == is {
        return Ok(image.clone());
    }
    let scaled = u64::from(other) * u64::from(width) / u64::from(is.max(1));
    let other = u32::try_from(scaled).unwrap_or(u32::MAX).max(1);
    let (width, height) = if sideways { (other, width) } else { (width, other) };
    let mut sized = DynamicImage::new(width, height, image.color());
    Resizer::new().resize(image, &mut sized, None)?;
    Ok(sized)
}

/// What is seen through as WebP, which loses nothing; all else as JPEG.
fn encoded(image: &DynamicImage) -> Result<(&'static str, Vec<u8>), ImageError> {
    let mut bytes = Vec::new();
    let (width, height) = (image.width(), image.height());
    match image {
        DynamicImage::ImageRgba8(pixels) => {
            WebPEncoder::new_lossless(&mut bytes).encode(pixels, width, height, ExtendedColorType::Rgba8)?;
            Ok(("image/webp", bytes))
        }
        _ => {
            JpegEncoder::new_with_quality(&mut bytes, QUALITY).encode_image(image)?;
            Ok(("image/jpeg", bytes))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Picture, Shown, widths};
    use image::{
        DynamicImage, ExtendedColorType, ImageEncoder, Rgb, RgbImage, Rgba, RgbaImage,
        codecs::{jpeg::JpegEncoder, png::PngEncoder},
    };

    fn png(image: &DynamicImage) -> Picture {
        let mut bytes = Vec::new();
        image.write_with_encoder(PngEncoder::new(&mut bytes)).unwrap();
        Picture::parse("image/png", bytes).unwrap()
    }

    fn read(picture: &Picture) -> DynamicImage {
        image::load_from_memory(&picture.bytes).unwrap()
    }

    #[test]
    fn a_picture_is_kept_in_the_widths_it_has_and_never_enlarged() {
        for (has, kept) in [
            (1, vec![1]),
            (320, vec![320]),
            (500, vec![320, 500]),
            (1280, vec![320, 640, 1280]),
            (4000, vec![320, 640, 1280]),
        ] {
            assert_eq!(widths(has), kept, "{has}");
        }
        let shown = Shown::of(png(&RgbImage::from_pixel(700, 350, Rgb([9, 99, 200])).into())).unwrap();
        let narrower: Vec<_> = shown.narrower.iter().map(|one| one.width).collect();
        assert_eq!((narrower, shown.widest.content_type), (vec![320, 640], "image/jpeg"));
        assert_eq!((read(&shown.widest).width(), read(&shown.widest).height()), (700, 350));
        let small = image::load_from_memory(&shown.narrower[0].bytes).unwrap();
        assert_eq!((small.width(), small.height()), (320, 160));
    }

    #[test]
    fn what_is_seen_through_stays_so() {
        let glass = RgbaImage::from_pixel(400, 300, Rgba([250, 0, 0, 100]));
        let shown = Shown::of(png(&glass.into())).unwrap();
        assert_eq!(shown.widest.content_type, "image/webp");
        assert_eq!(read(&shown.widest).to_rgba8().get_pixel(7, 7), &Rgba([250, 0, 0, 100]));
    }

    /// Of a camera: held upright, with where it was taken, and a file behind its end.
    #[test]
    fn a_photograph_is_upright_and_says_neither_where_nor_by_what_it_was_taken() {
        let mut wide = RgbImage::from_pixel(64, 32, Rgb([255, 255, 255]));
        for x in 0..32 {
            (0..32).for_each(|y| wide.put_pixel(x, y, Rgb([0, 0, 0])));
        }
        let mut bytes = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
        // One entry: orientation 6, to be turned by 90 degrees; and a text.
        let mut exif = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
        exif.extend(b"GPS 52.5163 13.3777");
        encoder.set_exif_metadata(exif).unwrap();
        encoder.encode(&wide, 64, 32, ExtendedColorType::Rgb8).unwrap();
        bytes.extend(b"<script>alert(1)</script>");
        assert!(bytes.windows(3).any(|three| three == b"GPS"));
        let shown = Shown::of(Picture::parse("image/jpeg", bytes).unwrap()).unwrap();
        let upright = read(&shown.widest).to_rgb8();
        assert_eq!((upright.width(), upright.height()), (32, 64));
        assert!(upright.get_pixel(16, 8).0[0] < 60 && upright.get_pixel(16, 56).0[0] > 200);
        let holds = |text: &[u8]| shown.widest.bytes.windows(text.len()).any(|part| part == text);
        assert!(!holds(b"GPS") && !holds(b"Exif") && !holds(b"<script"));
    }

    #[test]
    fn a_picture_that_breaks_off_is_refused() {
        let mut whole =
            png(&RgbImage::from_fn(200, 200, |x, y| Rgb(if x * y % 7 < 3 { [250, 9, 99] } else { [7, 77, 7] })).into())
                .bytes;
        whole.truncate(whole.len() / 2);
        let refused = Shown::of(Picture { content_type: "image/png", bytes: whole }).unwrap_err();
        assert!(refused.starts_with("cannot be read to its end"), "{refused}");
    }

    /// What it says of itself is believed before a pixel is made, whoever looked at it before.
    #[test]
    fn a_few_bytes_that_say_they_are_gigabytes_are_refused_at_once() {
        let mut bomb = png(&RgbImage::new(1, 1).into()).bytes;
        bomb[16..24].copy_from_slice(&[0, 0, 0x27, 0x10, 0, 0, 0x27, 0x10]);
        assert!(Picture::parse("image/png", bomb.clone()).is_err());
        let refused = Shown::of(Picture { content_type: "image/png", bytes: bomb }).unwrap_err();
        assert!(refused.contains("10000 × 10000") || refused.contains("CRC"), "{refused}");
    }

    #[test]
    fn a_drawing_stays_as_it_is() {
        let drawing = Picture::svg("<svg><path d='M0 0h9'/></svg>").unwrap();
        let shown = Shown::of(drawing.clone()).unwrap();
        assert_eq!((shown.widest, shown.narrower), (drawing, vec![]));
    }
}
