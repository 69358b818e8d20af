//! Attribute bytes of a FlatGeobuf feature: a column number of two bytes, the
//! value, and so on; a column that is absent is unknown.

use ::flatgeobuf::ColumnType;

use super::{Cell, Column};

/// Little-endian values from bytes that may end anywhere.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or("the attributes end inside a value")?;
        self.0 = rest;
        Ok(*head)
    }

    fn counted(&mut self) -> Result<&'a [u8], String> {
        let length = u32::from_le_bytes(self.array()?) as usize;
        let (head, rest) = self.0.split_at_checked(length).ok_or("a text is announced longer than the attributes")?;
        self.0 = rest;
        Ok(head)
    }
}

pub(super) fn cells(bytes: &[u8], columns: &[Column]) -> Result<Vec<(String, Cell)>, String> {
    let mut bytes = Bytes(bytes);
    let mut cells = Vec::with_capacity(columns.len().min(bytes.0.len() / 3));
    // Writers leave a single byte behind a last binary column.
    while bytes.0.len() > 1 {
        let number = usize::from(u16::from_le_bytes(bytes.array()?));
        let column = columns
            .get(number)
            .ok_or_else(|| format!("attribute {number} is not among the {} columns", columns.len()))?;
        if let Some(cell) = cell(&mut bytes, column)? {
            cells.push((column.name.clone(), cell));
        }
    }
    Ok(cells)
}

/// `None` for binary data, which no attribute can hold.
fn cell(bytes: &mut Bytes<'_>, column: &Column) -> Result<Option<Cell>, String> {
    Ok(Some(match column.kind {
        ColumnType::Byte => Cell::Integer(i64::from(i8::from_le_bytes(bytes.array()?))),
        ColumnType::UByte => Cell::Integer(i64::from(u8::from_le_bytes(bytes.array()?))),
        ColumnType::Bool => Cell::Boolean(bytes.array::<1>()? != [0]),
        ColumnType::Short => Cell::Integer(i64::from(i16::from_le_bytes(bytes.array()?))),
        ColumnType::UShort => Cell::Integer(i64::from(u16::from_le_bytes(bytes.array()?))),
        ColumnType::Int => Cell::Integer(i64::from(i32::from_le_bytes(bytes.array()?))),
        ColumnType::UInt => Cell::Integer(i64::from(u32::from_le_bytes(bytes.array()?))),
        ColumnType::Long => Cell::Integer(i64::from_le_bytes(bytes.array()?)),
        ColumnType::ULong => {
            let number = u64::from_le_bytes(bytes.array()?);
            i64::try_from(number).map_or_else(|_| Cell::Text(number.to_string()), Cell::Integer)
        }
        ColumnType::Float => Cell::Real(f64::from(f32::from_le_bytes(bytes.array()?))),
        ColumnType::Double => Cell::Real(f64::from_le_bytes(bytes.array()?)),
        ColumnType::String | ColumnType::Json | ColumnType::DateTime => {
            let text = std::str::from_utf8(bytes.counted()?)
                .map_err(|_| format!("attribute {:?} is not UTF-8", column.name))?;
            Cell::Text(text.to_owned())
        }
        ColumnType::Binary => {
            bytes.counted()?;
            return Ok(None);
        }
        other => return Err(format!("attribute {:?} has the unknown type {}", column.name, other.0)),
    }))
}
