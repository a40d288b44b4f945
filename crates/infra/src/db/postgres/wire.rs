//! Values on their way to and from PostgreSQL, in its binary format.

use std::error::Error as StdError;

use bytes::{BufMut, Bytes, BytesMut};
use deadpool_postgres::ClientWrapper;
use futures_util::TryStreamExt;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use super::super::batch::{Outcome, Statement};
use super::super::error::caused;
use super::super::row::Row;
use super::super::value::{Value, check};
use super::super::{Dialect, codes};
use super::failure::Failed;

type Problem = Box<dyn StdError + Sync + Send>;

/// Prepares a statement, or finds it prepared.
pub(super) async fn prepare(
    client: &ClientWrapper,
    statement: &Statement,
) -> Result<tokio_postgres::Statement, Failed> {
    let text = statement.sql.expanded(Dialect::Postgres);
    client.prepare_cached(text).await.map_err(|error| Failed::new(statement.sql.text(), error))
}

/// Runs a statement on its own.
pub(super) async fn run(client: &ClientWrapper, statement: &Statement) -> Result<Outcome, Failed> {
    let prepared = prepare(client, statement).await?;
    execute(client, prepared, statement).await
}

/// Runs a prepared statement. It is on its way to the server as soon as this was polled once.
pub(super) async fn execute(
    client: &ClientWrapper,
    prepared: tokio_postgres::Statement,
    statement: &Statement,
) -> Result<Outcome, Failed> {
    let failed = |error| Failed::new(statement.sql.text(), error);
    check(statement.sql.text(), &statement.params)?;
    let wanted = prepared.params().len();
    if wanted != statement.params.len() {
        let problem = format!("{} parameters were given for {wanted}", statement.params.len());
        return Err(caused(codes::INTERNAL, statement.sql.text(), problem).into());
    }
    let params = statement.params.iter().map(Outgoing);
    if prepared.columns().is_empty() {
        let affected = client.execute_raw(&prepared, params).await.map_err(failed)?;
        return Ok(Outcome { affected, rows: Vec::new() });
    }
    let stream = client.query_raw(&prepared, params).await.map_err(failed)?;
    let rows: Vec<Row> = stream
        .and_then(|row| async move {
            (0..row.len()).map(|index| row.try_get(index).map(|Incoming(value)| value)).collect()
        })
        .map_ok(Row)
        .try_collect()
        .await
        .map_err(failed)?;
    Ok(Outcome { affected: rows.len() as u64, rows })
}

/// A parameter, written as the type that the statement wants.
#[derive(Debug)]
struct Outgoing<'a>(&'a Value);

impl ToSql for Outgoing<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Problem> {
        match (self.0, kind) {
            (Value::Null, _) => return Ok(IsNull::Yes),
            (Value::Integer(number), &Type::INT8) => out.put_i64(*number),
            (Value::Integer(number), &Type::INT4) => out.put_i32((*number).try_into()?),
            (Value::Integer(number), &Type::INT2) => out.put_i16((*number).try_into()?),
            (Value::Boolean(yes), &Type::BOOL) => out.put_u8(u8::from(*yes)),
            (Value::Real(number), &Type::FLOAT8) => out.put_f64(*number),
            (
                Value::Text(text),
                &Type::TEXT | &Type::VARCHAR | &Type::BPCHAR | &Type::JSON | &Type::UNKNOWN,
            ) => {
                out.put_slice(text.as_bytes());
            }
            (Value::Text(text), &Type::JSONB) => {
                // The version of the format.
                out.put_u8(1);
                out.put_slice(text.as_bytes());
            }
            (Value::Bytes(bytes), &Type::BYTEA) => out.put_slice(bytes),
            (Value::Integers(numbers), &Type::INT8_ARRAY) => return numbers.to_sql(kind, out),
            (Value::Texts(texts), &Type::TEXT_ARRAY | &Type::VARCHAR_ARRAY) => {
                return texts.to_sql(kind, out);
            }
            (Value::Texts(texts), &Type::INT8_ARRAY) if texts.is_empty() => {
                return Vec::<i64>::new().to_sql(kind, out);
            }
            (Value::Integers(numbers), &Type::TEXT_ARRAY) if numbers.is_empty() => {
                return Vec::<String>::new().to_sql(kind, out);
            }
            (value, kind) => return Err(format!("{value:.20?} is no {kind}").into()),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A column, whatever its type.
struct Incoming(Value);

impl<'a> FromSql<'a> for Incoming {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Problem> {
        Ok(Self(match *kind {
            Type::INT8 => Value::Integer(i64::from_sql(kind, raw)?),
            Type::INT4 => Value::Integer(i32::from_sql(kind, raw)?.into()),
            Type::INT2 => Value::Integer(i16::from_sql(kind, raw)?.into()),
            Type::BOOL => Value::Boolean(bool::from_sql(kind, raw)?),
            Type::FLOAT8 => Value::Real(f64::from_sql(kind, raw)?),
            Type::FLOAT4 => Value::Real(f32::from_sql(kind, raw)?.into()),
            Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN | Type::JSON => {
                Value::Text(std::str::from_utf8(raw)?.to_owned())
            }
            Type::JSONB => Value::Text(std::str::from_utf8(raw.get(1..).unwrap_or_default())?.to_owned()),
            Type::BYTEA => Value::Bytes(Bytes::copy_from_slice(raw)),
            Type::NUMERIC => numeric(raw)?,
            _ => return Err(format!("columns of type {kind} are not read").into()),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Problem> {
        Ok(Self(Value::Null))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// `sum` of BIGINTs is a NUMERIC here and an integer in SQLite: an integer where it is whole, otherwise real.
fn numeric(mut raw: &[u8]) -> Result<Value, Problem> {
    use bytes::Buf;
    if raw.len() < 8 {
        return Err("a NUMERIC that is too short".into());
    }
    let (digits, weight, sign) = (raw.get_u16(), raw.get_i16(), raw.get_u16());
    raw.advance(2);
    if raw.len() != usize::from(digits) * 2 || !matches!(sign, 0 | 0x4000) {
        return Err("a NUMERIC that is no number".into());
    }
    let negative = sign != 0;
    let (mut whole, mut real, mut fraction) = (Some(0_i128), 0_f64, false);
    let mut exponent = i32::from(weight);
    while raw.has_remaining() {
        let digit = raw.get_u16();
        real += f64::from(digit) * 10_000_f64.powi(exponent);
        if exponent >= 0 {
            let place = 10_000_i128.checked_pow(exponent.unsigned_abs());
            whole =
                whole.zip(place).and_then(|(sum, place)| sum.checked_add(place.checked_mul(digit.into())?));
        } else {
            fraction |= digit != 0;
        }
        exponent -= 1;
    }
    let whole = whole.map(|sum| if negative { -sum } else { sum }).and_then(|sum| i64::try_from(sum).ok());
    Ok(match whole {
        Some(whole) if !fraction => Value::Integer(whole),
        _ => Value::Real(if negative { -real } else { real }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_whole_and_averages_are_not() {
        let written = |weight: i16, sign: u16, digits: &[u16]| {
            let mut raw = vec![];
            raw.put_u16(digits.len().try_into().unwrap());
            raw.put_i16(weight);
            raw.put_u16(sign);
            raw.put_u16(0);
            digits.iter().for_each(|digit| raw.put_u16(*digit));
            numeric(&raw)
        };
        assert_eq!(written(0, 0, &[]).unwrap(), Value::Integer(0));
        assert_eq!(written(1, 0x4000, &[3, 7]).unwrap(), Value::Integer(-30_007));
        assert_eq!(written(2, 0, &[5]).unwrap(), Value::Integer(500_000_000));
        assert_eq!(written(0, 0, &[2, 5000]).unwrap(), Value::Real(2.5));
        assert_eq!(written(4, 0, &[922, 3372, 368, 5477, 5807]).unwrap(), Value::Integer(i64::MAX));
        assert!(matches!(written(4, 0, &[922, 3372, 368, 5477, 5808]).unwrap(), Value::Real(_)));
        assert!(written(0, 0xC000, &[]).is_err());
        assert!(numeric(&[0, 9, 0, 0, 0, 0, 0, 0]).is_err());
        assert!(numeric(&[0]).is_err());
    }
}
