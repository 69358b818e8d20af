//! CQL2 text (OGC 21-065r2, Annex B), by descent with a bound on its depth.

use geo_types::Geometry;
use misto_model::{Error, Result};

use super::expression::{Expression, Operator};
use super::lexer::{Token, words};
use super::number::Number;
use super::{Filter, invalid, time, too_deep, wkt};

pub(crate) fn parse(text: &str) -> Result<Expression> {
    let mut parser = Parser::of(text)?;
    let expression = parser.disjunction()?;
    parser.end("an operator or the end")?;
    Ok(expression)
}

pub(crate) fn parse_geometry(text: &str) -> Result<Geometry<f64>> {
    let mut parser = Parser::of(text)?;
    let kind = match parser.next() {
        Some(Token::Name(name)) => wkt::Kind::of(&name),
        _ => None,
    };
    let kind = kind.ok_or_else(|| invalid("expected well-known text such as POINT(24.71 48.92)"))?;
    let geometry = wkt::read(&mut parser, kind)?;
    parser.end("the end")?;
    Ok(geometry)
}

pub(crate) struct Parser {
    words: Vec<(Token, usize)>,
    next: usize,
    depth: usize,
}

impl Parser {
    fn of(text: &str) -> Result<Self> {
        Ok(Self { words: words(text)?, next: 0, depth: 0 })
    }

    pub(crate) fn peek(&self) -> Option<&Token> {
        self.words.get(self.next).map(|(token, _)| token)
    }

    pub(crate) fn next(&mut self) -> Option<Token> {
        let token = self.peek().cloned();
        self.next += usize::from(token.is_some());
        token
    }

    pub(crate) fn expected(&self, what: &str) -> Error {
        match self.words.get(self.next) {
            Some((_, at)) => invalid(format!("character {at}: expected {what}")),
            None => invalid(format!("it ends where {what} was expected")),
        }
    }

    /// Takes the symbol if it is next.
    pub(crate) fn takes(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Symbol(found)) if *found == symbol);
        self.next += usize::from(found);
        found
    }

    pub(crate) fn wants(&mut self, symbol: &str) -> Result<()> {
        if self.takes(symbol) { Ok(()) } else { Err(self.expected(symbol)) }
    }

    /// Takes the keyword if it is next.
    pub(crate) fn takes_word(&mut self, word: &str) -> bool {
        let found = self.is_word(0, word);
        self.next += usize::from(found);
        found
    }

    fn is_word(&self, ahead: usize, word: &str) -> bool {
        let token = self.words.get(self.next + ahead).map(|(token, _)| token);
        matches!(token, Some(Token::Name(name)) if name.eq_ignore_ascii_case(word))
    }

    fn end(&self, what: &str) -> Result<()> {
        if self.next == self.words.len() { Ok(()) } else { Err(self.expected(what)) }
    }

    /// One level deeper.
    pub(crate) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.depth += 1;
        if self.depth > Filter::MAX_DEPTH {
            return Err(too_deep());
        }
        let done = read(self);
        self.depth -= 1;
        done
    }

    /// `first`, then more of them after commas.
    pub(crate) fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let mut all = vec![read(self)?];
        while self.takes(",") {
            all.push(read(self)?);
        }
        Ok(all)
    }

    fn disjunction(&mut self) -> Result<Expression> {
        self.joined(Operator::Or, |parser| parser.joined(Operator::And, Self::negation))
    }

    fn joined(
        &mut self,
        operator: Operator,
        mut read: impl FnMut(&mut Self) -> Result<Expression>,
    ) -> Result<Expression> {
        let first = read(self)?;
        if !self.is_word(0, operator.name()) {
            return Ok(first);
        }
        let mut all = vec![first];
        while self.takes_word(operator.name()) {
            all.push(read(self)?);
        }
        Ok(Expression::joined(operator, all))
    }

    fn negation(&mut self) -> Result<Expression> {
        if self.takes_word("NOT") {
            return self.deeper(|parser| Ok(parser.negation()?.not()));
        }
        self.predicate()
    }

    fn predicate(&mut self) -> Result<Expression> {
        use Operator::{Between, Equal, Greater, GreaterOrEqual, In, IsNull, Less, LessOrEqual, Like, NotEqual};
        let left = self.sum()?;
        for operator in [NotEqual, LessOrEqual, GreaterOrEqual, Equal, Less, Greater] {
            if self.takes(operator.name()) {
                return Ok(Expression::Operation(operator, vec![left, self.sum()?]));
            }
        }
        if self.takes_word("IS") {
            let negated = self.takes_word("NOT");
            if !self.takes_word("NULL") {
                return Err(self.expected("NULL"));
            }
            return Ok(negated_if(negated, Expression::Operation(IsNull, vec![left])));
        }
        let negated = self.takes_word("NOT");
        let found = if self.takes_word("LIKE") {
            Expression::Operation(Like, vec![left, self.sum()?])
        } else if self.takes_word("BETWEEN") {
            let least = self.sum()?;
            if !self.takes_word("AND") {
                return Err(self.expected("AND"));
            }
            Expression::Operation(Between, vec![left, least, self.sum()?])
        } else if self.takes_word("IN") {
            self.wants("(")?;
            let list = self.deeper(|parser| parser.list(Self::disjunction))?;
            self.wants(")")?;
            Expression::Operation(In, vec![left, Expression::List(list)])
        } else if negated {
            return Err(self.expected("LIKE, BETWEEN or IN"));
        } else {
            return Ok(left);
        };
        Ok(negated_if(negated, found))
    }

    fn sum(&mut self) -> Result<Expression> {
        self.chain(&[Operator::Plus, Operator::Minus], Self::product)
    }

    fn product(&mut self) -> Result<Expression> {
        let operators = [Operator::Times, Operator::Divided, Operator::Remainder, Operator::Div];
        self.chain(&operators, Self::power)
    }

    /// Operators of one rank, from left to right; each nests what stands before it.
    fn chain(&mut self, operators: &[Operator], read: fn(&mut Self) -> Result<Expression>) -> Result<Expression> {
        let mut left = read(self)?;
        let mut links = 0;
        while let Some(operator) = operators.iter().find(|operator| self.takes_operator(**operator)) {
            links += 1;
            if self.depth + links > Filter::MAX_DEPTH {
                return Err(too_deep());
            }
            left = Expression::Operation(*operator, vec![left, read(self)?]);
        }
        Ok(left)
    }

    fn takes_operator(&mut self, operator: Operator) -> bool {
        if operator == Operator::Div { self.takes_word("div") } else { self.takes(operator.name()) }
    }

    fn power(&mut self) -> Result<Expression> {
        let base = self.factor()?;
        if self.takes("^") {
            return Ok(Expression::Operation(Operator::Power, vec![base, self.factor()?]));
        }
        Ok(base)
    }

    fn factor(&mut self) -> Result<Expression> {
        if self.takes("-") {
            return match self.deeper(Self::factor)? {
                Expression::Number(Number::Whole(n)) if n != i64::MIN => Ok(Expression::Number(Number::Whole(-n))),
                Expression::Number(Number::Real(n)) => Ok(Expression::Number(Number::Real(-n))),
                other => {
                    let minus_one = Expression::Number(Number::Whole(-1));
                    Ok(Expression::Operation(Operator::Times, vec![minus_one, other]))
                }
            };
        }
        if self.takes("+") {
            return match self.next() {
                Some(Token::Number(number)) => Ok(Expression::Number(number)),
                _ => Err(self.expected("a number")),
            };
        }
        self.operand()
    }

    fn operand(&mut self) -> Result<Expression> {
        if self.takes("(") {
            return self.deeper(Self::bracketed);
        }
        let what = "an attribute, a value or a function";
        match self.next() {
            Some(Token::Text(text)) => Ok(Expression::Text(text)),
            Some(Token::Number(number)) => Ok(Expression::Number(number)),
            Some(Token::Quoted(name)) => Ok(Expression::Property(name)),
            Some(Token::Name(name)) => self.named(name),
            _ => {
                self.next = self.next.saturating_sub(usize::from(self.next < self.words.len()));
                Err(self.expected(what))
            }
        }
    }

    /// After `(`: an expression in brackets, or an array.
    fn bracketed(&mut self) -> Result<Expression> {
        if self.takes(")") {
            return Ok(Expression::List(Vec::new()));
        }
        let mut all = self.list(Self::disjunction)?;
        self.wants(")")?;
        match all.pop() {
            Some(only) if all.is_empty() => Ok(only),
            last => {
                all.extend(last);
                Ok(Expression::List(all))
            }
        }
    }

    fn named(&mut self, name: String) -> Result<Expression> {
        if let Some(kind) = wkt::Kind::of(&name)
            && (self.is_next("(") || self.is_word(0, "Z"))
        {
            return self.deeper(|parser| Ok(Expression::Geometry(wkt::read(parser, kind)?)));
        }
        if self.takes("(") {
            return self.deeper(|parser| parser.call(name));
        }
        match name.to_ascii_uppercase().as_str() {
            "TRUE" => Ok(Expression::Boolean(true)),
            "FALSE" => Ok(Expression::Boolean(false)),
            "AND" | "OR" | "NOT" | "LIKE" | "BETWEEN" | "IN" | "IS" | "NULL" | "DIV" => {
                self.next -= 1;
                Err(self.expected("an attribute, a value or a function"))
            }
            _ => Ok(Expression::Property(name)),
        }
    }

    fn is_next(&self, symbol: &str) -> bool {
        matches!(self.peek(), Some(Token::Symbol(found)) if *found == symbol)
    }

    /// After the name and `(` of a function.
    fn call(&mut self, name: String) -> Result<Expression> {
        let found = match name.to_ascii_uppercase().as_str() {
            "DATE" => Expression::Date(time::date(&self.string()?)?),
            "TIMESTAMP" => Expression::Timestamp(time::timestamp(&self.string()?)?),
            "INTERVAL" => {
                let start = self.interval_end()?;
                self.wants(",")?;
                Expression::Interval(Box::new([start, self.interval_end()?]))
            }
            "BBOX" => wkt::bbox(&self.list(wkt::number)?)?,
            _ => {
                let operator = Operator::function(&name);
                let array = operator.is_some_and(Operator::is_array);
                let mut argument = |parser: &mut Self| match parser.disjunction()? {
                    // One element in brackets is an array where only an array makes sense.
                    one if array
                        && !matches!(one, Expression::List(_) | Expression::Property(_) | Expression::Call(..)) =>
                    {
                        Ok(Expression::List(vec![one]))
                    }
                    other => Ok(other),
                };
                let arguments = if self.is_next(")") { Vec::new() } else { self.list(&mut argument)? };
                self.applied(name, operator, arguments)?
            }
        };
        self.wants(")")?;
        Ok(found)
    }

    fn applied(&self, name: String, operator: Option<Operator>, arguments: Vec<Expression>) -> Result<Expression> {
        let Some(operator) = operator else { return Ok(Expression::Call(name, arguments)) };
        if !operator.operands().contains(&arguments.len()) {
            return Err(self.expected(&format!("{} with {} arguments", operator.name(), operator.operands().start())));
        }
        Ok(Expression::Operation(operator, arguments))
    }

    fn string(&mut self) -> Result<String> {
        match self.next() {
            Some(Token::Text(text)) => Ok(text),
            _ => Err(self.expected("a text in single quotes")),
        }
    }

    fn interval_end(&mut self) -> Result<Expression> {
        if let Some(Token::Text(text)) = self.peek() {
            let end = time::interval_end(text)?;
            self.next += 1;
            return Ok(end);
        }
        self.sum()
    }
}

fn negated_if(negated: bool, expression: Expression) -> Expression {
    if negated { expression.not() } else { expression }
}
