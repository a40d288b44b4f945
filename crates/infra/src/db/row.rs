//! What a statement returned.

use guildhall_base::{Error, Result};

use super::value::{Column, Value};

/// One row of an answer. Columns are counted from 0, in the order the statement names them.
#[derive(Debug, Clone, PartialEq)]
pub struct Row(pub(super) Vec<Value>);

impl Row {
    /// All columns at once: `row.read::<(UserId, String, Option<i64>)>()?`, or one alone: `row.read::<i64>()?`.
    ///
    /// # Errors
    /// Internal, where a column is of another type or the row has another number of columns.
    pub fn read<T: FromRow>(&self) -> Result<T> {
        if self.0.len() != T::WIDTH {
            return Err(wrong(format!("the row has {} columns, {} were asked for", self.0.len(), T::WIDTH)));
        }
        T::from_columns(&mut self.columns())
    }

    /// One column.
    ///
    /// # Errors
    /// Internal, where there is no such column or it is of another type.
    pub fn get<T: Column>(&self, index: usize) -> Result<T> {
        let value = self.0.get(index).ok_or_else(|| wrong(format!("there is no column {index}")))?;
        T::from_value(value).map_err(|problem| wrong(format!("column {index}: {problem}")))
    }

    /// Column after column, for rows wider than a tuple.
    pub fn columns(&self) -> Columns<'_> {
        Columns { row: self, next: 0 }
    }

    /// How many columns it has.
    pub fn width(&self) -> usize {
        self.0.len()
    }
}

/// Reads a row's columns one after the other.
#[derive(Debug)]
pub struct Columns<'a> {
    row: &'a Row,
    next: usize,
}

impl Columns<'_> {
    /// The next column.
    ///
    /// # Errors
    /// Internal, where there is none or it is of another type.
    #[expect(clippy::should_implement_trait, reason = "each column has its own type, so it is no iterator")]
    pub fn next<T: Column>(&mut self) -> Result<T> {
        let value = self.row.get(self.next);
        self.next += 1;
        value
    }

    /// Passes over `count` columns.
    pub fn skip(&mut self, count: usize) {
        self.next += count;
    }
}

/// What a whole row can be read as: a column's type, or a tuple of up to sixteen of them.
pub trait FromRow: Sized {
    /// How many columns it takes.
    const WIDTH: usize;
    /// Reads its columns.
    ///
    /// # Errors
    /// Internal, where one is of another type.
    fn from_columns(columns: &mut Columns<'_>) -> Result<Self>;
}

impl<T: Column> FromRow for T {
    const WIDTH: usize = 1;
    fn from_columns(columns: &mut Columns<'_>) -> Result<Self> {
        columns.next()
    }
}

macro_rules! tuples {
    ($($width:literal: $($name:ident)*;)*) => {$(
        impl<$($name: Column),*> FromRow for ($($name,)*) {
            const WIDTH: usize = $width;
            fn from_columns(columns: &mut Columns<'_>) -> Result<Self> {
                Ok(($(columns.next::<$name>()?,)*))
            }
        }
    )*};
}
tuples! {
    1: A;
    2: A B;
    3: A B C;
    4: A B C D;
    5: A B C D E;
    6: A B C D E F;
    7: A B C D E F G;
    8: A B C D E F G H;
    9: A B C D E F G H I;
    10: A B C D E F G H I J;
    11: A B C D E F G H I J K;
    12: A B C D E F G H I J K L;
    13: A B C D E F G H I J K L M;
    14: A B C D E F G H I J K L M N;
    15: A B C D E F G H I J K L M N O;
    16: A B C D E F G H I J K L M N O P;
}

fn wrong(problem: String) -> Error {
    Error::internal(problem)
}
