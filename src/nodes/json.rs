//! Nodes in JSON of any shape: lists, objects, objects keyed by public keys, at any depth, one or many values.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::uri::{self, Address};
use super::{
    KEY_DIGITS, ListError, Node, NodeList, Position, Role, incomplete, is_hex, is_private_key,
    is_whole_key, secret, told,
};

/// Names of fields that hold a public key or its beginning, without case, `_` and `-`; the best first.
const KEY_FIELDS: &str = "publickey pubkey pk hexid publickeyhex pubkeyhex publickeyprefix pubkeyprefix \
    pubkeypre";

/// Names of fields whose 64 hex digits are no public key of a node.
const OTHER_FIELDS: &str = "secret hash signature packethash messagehash";

/// Names of fields that say how many nodes there are, of which a list may have only the first.
const TOTAL_FIELDS: &str = "total totalcount totalnodes totalresults count nodecount nodescount neighbourscount \
    neighborscount";

/// Names of fields that say that there are more.
const MORE_FIELDS: &str = "hasmore hasnext truncated";

const NAME_FIELDS: &str = "advname name nodename customname n";
const ROLE_FIELDS: &str = "devicerole role type t";
const LATITUDE_FIELDS: &str = "advlat latitude lat";
const LONGITUDE_FIELDS: &str = "advlon longitude lon lng";
const SEEN_FIELDS: &str = "lastadvert lastseen lastheard la lastadverttimestamp";

/// Whether a text is meant as JSON. A name or a log line may begin with a bracket, too, but hardly with one before a quote
/// or another bracket; where it does, its line ends with a key as no line of JSON can.
pub(super) fn is_likely(text: &str) -> bool {
    let mut significant = text.chars().filter(|c| !c.is_whitespace());
    let begins = match (significant.next(), significant.next()) {
        (Some('{'), next) => matches!(next, Some('"' | '}') | None),
        (Some('['), next) => matches!(next, Some('{' | '[' | '"' | ']') | None),
        _ => false,
    };
    begins && !text.trim_start().lines().next().is_some_and(told::is_row)
}

/// Reads one or more JSON values.
pub(super) fn read(text: &str, source_name: &str) -> Result<NodeList, ListError> {
    let mut reader = Reader::new(source_name);
    for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        let value = value.map_err(|error| {
            ListError::damaged(source_name, &format!("that is no whole JSON: {error}"))
        })?;
        reader.value(&value, "")?;
    }
    reader.finish()
}

/// Collects the nodes of values.
pub(super) struct Reader<'a> {
    source_name: &'a str,
    nodes: Vec<Node>,
    /// Whether any list or object with something in it was seen.
    any: bool,
    /// How many nodes objects say that there are, and how many were read from all that say so: the pages of a long list
    /// repeat it.
    said: BTreeMap<u64, Vec<Node>>,
    notes: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(source_name: &'a str) -> Self {
        Self {
            source_name,
            nodes: Vec::new(),
            any: false,
            said: BTreeMap::new(),
            notes: Vec::new(),
        }
    }

    pub(super) fn finish(mut self) -> Result<NodeList, ListError> {
        if self.nodes.is_empty() && self.any {
            return Err(ListError::no_nodes(self.source_name));
        }
        let said = self.said.iter();
        let said = said.filter_map(|(said, nodes)| incomplete(self.source_name, *said, nodes));
        self.notes.extend(said);
        Ok(NodeList {
            nodes: self.nodes,
            notes: self.notes,
        })
    }

    /// Takes in a value that stands at `place`, a path such as `.nodes[3]`.
    pub(super) fn value(&mut self, value: &Value, place: &str) -> Result<(), ListError> {
        match value {
            Value::Array(items) => {
                self.any |= !items.is_empty();
                let words: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
                let is_list = words.len() == items.len() && words.iter().all(|word| is_hex(word));
                if is_list && secret::is_broken(&words, false) {
                    let place = format!("the list {}", place.trim_start_matches('.'));
                    return Err(ListError::secret(
                        self.source_name,
                        place.trim_end(),
                        &secret::BROKEN,
                    ));
                }
                for (index, item) in items.iter().enumerate() {
                    let place = format!("{place}[{index}]");
                    match item {
                        Value::String(text) => self.text(text, &place)?,
                        other => self.value(other, &place)?,
                    }
                }
                Ok(())
            }
            Value::Object(fields) => {
                self.any |= !fields.is_empty();
                self.object(fields, place)
            }
            _ => Ok(()),
        }
    }

    /// A text in a list: a key or a beginning, an address, or something else, as in a list of regions.
    fn text(&mut self, text: &str, place: &str) -> Result<(), ListError> {
        let digits = text.trim();
        let is_key = is_hex(digits) && digits.len() <= KEY_DIGITS;
        // A list of texts deeper in is a list of nodes only if they are whole keys: a path has short hex words, too.
        let is_nested = place.contains('.');
        if is_private_key(digits) {
            return Err(self.private(place));
        }
        if is_whole_key(digits) || is_key && !is_nested {
            self.nodes.push(Node::of_key(digits));
        } else if digits.starts_with(uri::SCHEME) {
            self.address(digits, place)?;
        } else if !is_nested || told::words(digits).any(is_whole_key) {
            return Err(self.no_key(place, digits));
        }
        Ok(())
    }

    fn address(&mut self, text: &str, place: &str) -> Result<(), ListError> {
        match uri::read(text) {
            Address::Node(node) => self.nodes.push(*node),
            Address::Other => {}
            Address::Unreadable => return Err(self.no_key(place, text)),
        }
        Ok(())
    }

    fn object(&mut self, fields: &Map<String, Value>, place: &str) -> Result<(), ListError> {
        let first = self.nodes.len();
        let is_node = match field(fields, KEY_FIELDS) {
            Some((name, value)) => self.node(fields, value, &format!("{place}.{name}"))?,
            None => false,
        };
        for (name, value) in fields {
            let inner = format!("{place}.{name}");
            match value {
                _ if is_private_key(name) => return Err(self.private(place)),
                Value::Object(inside) if is_whole_key(name) => {
                    self.nodes.push(with_facts(Node::of_key(name), inside));
                    self.value(value, &inner)?;
                }
                Value::Object(_) | Value::Array(_) => self.value(value, &inner)?,
                _ if is_whole_key(name) => self.nodes.push(Node::of_key(name)),
                Value::String(text) if !is_node && is_private_key(text.trim()) => {
                    return Err(self.private(&inner));
                }
                Value::String(text) if !is_node && text.starts_with(uri::SCHEME) => {
                    self.address(text, &inner)?;
                }
                Value::String(text) if !is_node && is_whole_key(text) && !is_no_key(name) => {
                    if secret::is_named(name) {
                        let place = inner.trim_start_matches('.');
                        return Err(ListError::secret(
                            self.source_name,
                            place,
                            &secret::LABELLED,
                        ));
                    }
                    return Err(ListError::unknown_field(self.source_name, &inner));
                }
                _ => {}
            }
        }
        if !is_node && self.nodes.len() > first {
            self.compare_with_total(fields, first);
        }
        Ok(())
    }

    /// Notes how many nodes an object, or one within it without lists, says that there are beside those from `first` on.
    fn compare_with_total(&mut self, fields: &Map<String, Value>, first: usize) {
        let is_flat = |inside: &&Map<String, Value>| {
            let mut values = inside.values();
            values.all(|value| !value.is_array() && !value.is_object())
        };
        let inside = fields.values().filter_map(Value::as_object).filter(is_flat);
        let all: Vec<_> = std::iter::once(fields)
            .chain(inside.filter(|inside| field(inside, KEY_FIELDS).is_none()))
            .collect();
        let totals = all.iter().filter_map(|fields| field(fields, TOTAL_FIELDS));
        if let Some(said) = totals.filter_map(|(_, total)| total.as_u64()).max() {
            let read = self.said.entry(said).or_default();
            read.extend_from_slice(&self.nodes[first..]);
        }
        let mut more = all.iter().filter_map(|fields| field(fields, MORE_FIELDS));
        if let Some((name, _)) = more.find(|(_, value)| **value == Value::Bool(true)) {
            self.notes.push(format!(
                "{} says {name}: the list may be incomplete.",
                self.source_name
            ));
        }
    }

    /// Takes in an object with a field for a key; says whether there was one in it.
    fn node(
        &mut self,
        fields: &Map<String, Value>,
        value: &Value,
        place: &str,
    ) -> Result<bool, ListError> {
        let text = match value {
            Value::Null => return Ok(false),
            Value::String(text) => text.trim(),
            other => return Err(self.no_key(place, &other.to_string())),
        };
        let digits = text.strip_prefix("0x").unwrap_or(text);
        let fits = (2..=KEY_DIGITS).contains(&digits.len()) && digits.len().is_multiple_of(2);
        if is_private_key(digits) {
            return Err(self.private(place));
        }
        if !fits || !is_hex(digits) {
            return Err(self.no_key(place, text));
        }
        self.nodes.push(with_facts(Node::of_key(digits), fields));
        Ok(true)
    }

    fn private(&self, place: &str) -> ListError {
        ListError::private_key(self.source_name, place.trim_start_matches('.'))
    }

    fn no_key(&self, place: &str, value: &str) -> ListError {
        ListError::no_key(self.source_name, place.trim_start_matches('.'), value)
    }
}

/// A field's name without case and separators.
pub(super) fn plain(name: &str) -> String {
    let kept = name.chars().filter(|c| c.is_alphanumeric());
    kept.flat_map(char::to_lowercase).collect()
}

/// Whether a field or a column of this name holds a public key or its beginning; its place in order of preference.
pub(super) fn key_rank(name: &str) -> Option<usize> {
    let name = plain(name);
    KEY_FIELDS.split(' ').position(|known| known == name)
}

/// Whether 64 digits in a field or a column of this name are known to be something else.
pub(super) fn is_no_key(name: &str) -> bool {
    let name = plain(name);
    OTHER_FIELDS.split(' ').any(|other| other == name)
}

/// The field with the first of these names that it has and that is not null.
fn field<'f>(fields: &'f Map<String, Value>, names: &str) -> Option<(&'f str, &'f Value)> {
    let of = |wanted: &str| {
        let is_it = |(name, value): &(&String, &Value)| plain(name) == wanted && !value.is_null();
        fields.iter().find(is_it)
    };
    let found = names.split(' ').find_map(of);
    found.map(|(name, value)| (name.as_str(), value))
}

fn with_facts(node: Node, fields: &Map<String, Value>) -> Node {
    let get = |names: &str| field(fields, names).map(|(_, value)| value);
    let nested = get("location position").and_then(Value::as_object);
    let coordinate = |names: &str| {
        let inner = || Some(field(nested?, names)?.1);
        get(names).or_else(inner).and_then(number)
    };
    let position = coordinate(LATITUDE_FIELDS).zip(coordinate(LONGITUDE_FIELDS));
    let seen = SEEN_FIELDS.split(' ').filter_map(|name| moment(get(name)?));
    Node {
        name: get(NAME_FIELDS).and_then(Value::as_str).map(str::to_owned),
        role: get(ROLE_FIELDS).and_then(role),
        position: position.and_then(|(latitude, longitude)| Position::new(latitude, longitude)),
        last_seen: seen.max(),
        ..node
    }
}

fn role(value: &Value) -> Option<Role> {
    match value {
        Value::String(text) => Role::named(text),
        Value::Number(number) => Role::named(&number.to_string()),
        _ => None,
    }
}

/// A number, also one that stands there as a text.
fn number(value: &Value) -> Option<f64> {
    value
        .as_f64()
        .or_else(|| value.as_str()?.trim().parse().ok())
}

/// A moment: seconds or milliseconds since 1970, or ISO 8601. Nodes whose clock was never set report one before 2020.
fn moment(value: &Value) -> Option<Timestamp> {
    moment_of(&match value {
        Value::String(text) => text.clone(),
        other => number(other)?.to_string(),
    })
}

/// The same from a text.
pub(super) fn moment_of(text: &str) -> Option<Timestamp> {
    /// Larger numbers are milliseconds: as seconds this is the year 5138.
    const LARGEST_SECONDS: f64 = 1e11;
    /// 2020-01-01: there was no MeshCore before.
    const EARLIEST: i64 = 1_577_836_800;
    let text = text.trim();
    let moment = match text.parse::<f64>() {
        Ok(number) if number > LARGEST_SECONDS => {
            Timestamp::from_millisecond(number as i64).ok()?
        }
        Ok(number) => Timestamp::from_second(number as i64).ok()?,
        Err(_) => text
            .parse()
            .or_else(|_| format!("{}Z", text.replace(' ', "T")).parse())
            .ok()?,
    };
    (moment.as_second() >= EARLIEST).then_some(moment)
}

/// Puts a fact of a table's cell into a node, by the name of its column.
pub(super) fn put_fact(fields: &mut Map<String, Value>, column: &str, cell: &str) {
    if !cell.trim().is_empty() {
        fields.insert(column.to_owned(), Value::String(cell.trim().to_owned()));
    }
}

/// A node of a table's row, with facts by the names of the columns.
pub(super) fn node_of_row(key: &str, fields: &Map<String, Value>) -> Node {
    with_facts(Node::of_key(key), fields)
}
