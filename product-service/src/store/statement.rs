//! A statement put together from what was asked for. One text for every filter (`$1 IS NULL OR …`) gets one plan for
//! all of them, which fits none. Nothing that somebody sent gets into the text: it takes literals of ours alone.

use sqlx::{AssertSqlSafe, FromRow, PgConnection, postgres::PgRow};
use uuid::Uuid;

#[derive(Clone, Debug)]
pub(crate) struct Statement {
    text: String,
    values: Vec<Value>,
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(String),
    Number(i64),
    Id(Uuid),
}

/// Whether a connection keeps the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// The same serves all values.
    Kept,
    /// What is rare wants another plan than what is common: made for each call.
    Fresh,
}

impl Statement {
    /// `text` may name these values as `$1` and so on, in their order.
    pub(crate) fn new(text: &'static str, values: Vec<Value>) -> Self {
        Self { text: text.to_owned(), values }
    }

    pub(crate) fn push(&mut self, text: &'static str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// One value more, at this place.
    pub(crate) fn bind(&mut self, value: Value) -> &mut Self {
        self.values.push(value);
        self.text.push('$');
        self.text.push_str(&self.values.len().to_string());
        self
    }

    pub(crate) async fn fetch<R>(self, connection: &mut PgConnection, plan: Plan) -> Result<Vec<R>, sqlx::Error>
    where
        R: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let mut query = sqlx::query_as(AssertSqlSafe(self.text)).persistent(plan == Plan::Kept);
        for value in self.values {
            query = match value {
                Value::Text(text) => query.bind(text),
                Value::Number(number) => query.bind(number),
                Value::Id(id) => query.bind(id),
            };
        }
        query.fetch_all(connection).await
    }

    /// The text, and the values as they would stand in it.
    #[cfg(test)]
    pub(crate) fn taken_apart(&self) -> (&str, Vec<String>) {
        let literal = |value: &Value| match value {
            Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
            Value::Number(number) => number.to_string(),
            Value::Id(id) => format!("'{id}'"),
        };
        (&self.text, self.values.iter().map(literal).collect())
    }
}
