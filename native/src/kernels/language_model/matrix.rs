use super::reader::Reader;
use super::{ModelError, Result};

/// Rows of single-precision floats, as they lie in the file or made ready for adding.
pub struct Matrix {
    rows: usize,
    dim: usize,
    kind: Kind,
}

enum Kind {
    Floats(Vec<f32>),
    /// Too large to copy: floats in the file from this byte.
    File(usize),
    Codes(Codes),
}

/// Product quantization: a byte for every part of a row, naming one of 256 centroids of that part.
struct Codes {
    /// Where the codes begin in the file, `parts` a row.
    at: usize,
    parts: usize,
    part_width: usize,
    last_width: usize,
    centroids: Vec<f32>,
    /// Where the norm codes begin, one a row, and the norms.
    norms: Option<(usize, Vec<f32>)>,
}

const CENTROIDS: usize = 256;
/// Matrices up to this many bytes are held ready as floats; larger ones stay in the mapped file.
const MOST_READY: usize = 64 << 20;

impl Matrix {
    pub fn read(reader: &mut Reader, quantized: bool, dim: usize, what: &str) -> Result<Self> {
        if quantized { Self::read_codes(reader, dim, what) } else { Self::read_floats(reader, dim, what) }
    }

    fn read_floats(reader: &mut Reader, dim: usize, what: &str) -> Result<Self> {
        let rows = reader.i64(what)?;
        check_width(reader.i64(what)?, dim, what)?;
        let rows = reader.bounded(rows, dim * 4, &format!("the row count of the {what}"))?;
        let at = reader.position();
        let bytes = reader.take(rows * dim * 4, what)?;
        let kind = if bytes.len() <= MOST_READY { Kind::Floats(floats(bytes)) } else { Kind::File(at) };
        Ok(Self { rows, dim, kind })
    }

    fn read_codes(reader: &mut Reader, dim: usize, what: &str) -> Result<Self> {
        let has_norms = reader.flag(&format!("whether the {what} has norms"))?;
        let rows = reader.i64(what)?;
        check_width(reader.i64(what)?, dim, what)?;
        let code_bytes = reader.i32(what)?;
        let rows = reader.bounded(rows, 1, &format!("the row count of the {what}"))?;
        let code_bytes = reader.bounded(i64::from(code_bytes), 1, &format!("the number of codes of the {what}"))?;
        let at = reader.position();
        reader.take(code_bytes, &format!("the codes of the {what}"))?;
        let (parts, part_width, last_width, centroids) = read_quantizer(reader, dim, what)?;
        if rows.checked_mul(parts) != Some(code_bytes) {
            return Err(ModelError(format!("the {what} has {code_bytes} codes for {rows} rows of {parts} parts")));
        }
        let norms = if has_norms {
            let norms_at = reader.position();
            reader.take(rows, &format!("the norm codes of the {what}"))?;
            let (_, _, _, centroids) = read_quantizer(reader, 1, &format!("norms of the {what}"))?;
            Some((norms_at, centroids))
        } else {
            None
        };
        Ok(Self { rows, dim, kind: Kind::Codes(Codes { at, parts, part_width, last_width, centroids, norms }) })
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The floats of all rows, where they are held ready.
    pub fn ready(&self) -> Option<&[f32]> {
        if let Kind::Floats(floats) = &self.kind { Some(floats) } else { None }
    }

    /// Replaces codes by the floats they add up as, norm included: for a matrix whose rows are only added, and if they fit.
    pub fn multiply_out(&mut self, bytes: &[u8]) {
        let Kind::Codes(codes) = &self.kind else { return };
        if self.rows * self.dim * 4 > MOST_READY {
            return;
        }
        let mut table = vec![0.0; self.rows * self.dim];
        for (row, sum) in table.chunks_exact_mut(self.dim).enumerate() {
            codes.add(bytes, row, sum);
        }
        self.kind = Kind::Floats(table);
    }

    /// Adds rows to `sum`, one after the other.
    pub fn add_rows(&self, bytes: &[u8], rows: &[u32], sum: &mut [f32]) {
        match &self.kind {
            // The width of lid.176: the sum stays in registers.
            Kind::Floats(table) if self.dim == 16 => add_rows_of::<16>(table, rows, sum),
            Kind::Floats(table) => {
                for &row in rows {
                    let row = &table[row as usize * self.dim..][..self.dim];
                    sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
                }
            }
            Kind::File(at) => {
                for &row in rows {
                    let row = &bytes[at + row as usize * self.dim * 4..][..self.dim * 4];
                    sum.iter_mut().zip(row.as_chunks::<4>().0).for_each(|(sum, &value)| *sum += f32::from_le_bytes(value));
                }
            }
            Kind::Codes(codes) => rows.iter().for_each(|&row| codes.add(bytes, row as usize, sum)),
        }
    }

    /// The product of a row with a vector, summed from the first to the last.
    pub fn dot(&self, bytes: &[u8], row: usize, vector: &[f32]) -> f32 {
        let mut sum = 0.0;
        match &self.kind {
            Kind::Floats(table) => {
                for (value, x) in table[row * self.dim..][..self.dim].iter().zip(vector) {
                    sum += value * x;
                }
            }
            Kind::File(at) => {
                let row = &bytes[at + row * self.dim * 4..][..self.dim * 4];
                for (&value, x) in row.as_chunks::<4>().0.iter().zip(vector) {
                    sum += f32::from_le_bytes(value) * x;
                }
            }
            Kind::Codes(codes) => {
                for (part, x) in vector.chunks(codes.part_width).enumerate() {
                    for (value, x) in codes.centroid(bytes, row, part).iter().zip(x) {
                        sum += x * value;
                    }
                }
                sum *= codes.norm(bytes, row);
            }
        }
        sum
    }
}

impl Codes {
    fn centroid(&self, bytes: &[u8], row: usize, part: usize) -> &[f32] {
        let code = bytes[self.at + row * self.parts + part] as usize;
        let first = part * CENTROIDS * self.part_width;
        if part == self.parts - 1 {
            &self.centroids[first + code * self.last_width..][..self.last_width]
        } else {
            &self.centroids[first + code * self.part_width..][..self.part_width]
        }
    }

    fn norm(&self, bytes: &[u8], row: usize) -> f32 {
        self.norms.as_ref().map_or(1.0, |(at, norms)| norms[bytes[at + row] as usize])
    }

    fn add(&self, bytes: &[u8], row: usize, sum: &mut [f32]) {
        let norm = self.norm(bytes, row);
        for (part, sum) in sum.chunks_mut(self.part_width).enumerate() {
            for (value, sum) in self.centroid(bytes, row, part).iter().zip(sum) {
                *sum += norm * value;
            }
        }
    }
}

fn add_rows_of<const D: usize>(table: &[f32], rows: &[u32], sum: &mut [f32]) {
    let table = table.as_chunks::<D>().0;
    let mut total = [0.0; D];
    total.copy_from_slice(sum);
    for &row in rows {
        let row = &table[row as usize];
        for i in 0..D {
            total[i] += row[i];
        }
    }
    sum.copy_from_slice(&total);
}

fn check_width(width: i64, dim: usize, what: &str) -> Result<()> {
    if width == dim as i64 {
        return Ok(());
    }
    Err(ModelError(format!("the {what} is {width} wide, but the model's dim is {dim}")))
}

/// Number of parts, width of a part and of the last one, centroids.
fn read_quantizer(reader: &mut Reader, dim: usize, what: &str) -> Result<(usize, usize, usize, Vec<f32>)> {
    let mut next = || reader.i32(&format!("the quantizer of the {what}"));
    let (width, parts, part_width, last_width) = (next()?, next()?, next()?, next()?);
    let fits = width == dim as i32
        && part_width >= 1
        && parts as i64 == (dim as i64 + i64::from(part_width) - 1) / i64::from(part_width)
        && i64::from(last_width) == dim as i64 - (i64::from(parts) - 1) * i64::from(part_width);
    if !fits {
        return Err(ModelError(format!(
            "the quantizer of the {what} says {width} = {parts} parts of {part_width}, the last of {last_width}; the width is {dim}"
        )));
    }
    let centroids = floats(reader.take(dim * CENTROIDS * 4, &format!("the centroids of the {what}"))?);
    Ok((parts as usize, part_width as usize, last_width as usize, centroids))
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|&value| f32::from_le_bytes(value)).collect()
}
