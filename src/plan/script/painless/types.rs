//! The types of single values, as Java has them.

use crate::plan::script::ValueType;

/// A type whose values a tree can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Bool,
    Byte,
    Short,
    Char,
    Int,
    Long,
    Float,
    Double,
    Text,
    /// `java.time.ZonedDateTime`, in UTC: milliseconds.
    Date,
    /// `java.time.Instant`: milliseconds.
    Instant,
    /// `java.time.Month`, from 1.
    Month,
    /// `java.time.DayOfWeek`, from Monday 1.
    DayOfWeek,
}

impl Type {
    /// The type of a declaration or cast: primitives, and classes of single values.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        Some(match name {
            "boolean" => Self::Bool,
            "byte" => Self::Byte,
            "short" => Self::Short,
            "char" => Self::Char,
            "int" => Self::Int,
            "long" => Self::Long,
            "float" => Self::Float,
            "double" => Self::Double,
            "String" => Self::Text,
            "ZonedDateTime" => Self::Date,
            "Instant" => Self::Instant,
            "Month" => Self::Month,
            "DayOfWeek" => Self::DayOfWeek,
            _ => return None,
        })
    }

    /// The class that boxes values of a primitive type, by its name: `Integer`.
    pub(super) fn of_box(name: &str) -> Option<Self> {
        Some(match name {
            "Boolean" => Self::Bool,
            "Byte" => Self::Byte,
            "Short" => Self::Short,
            "Character" => Self::Char,
            "Integer" => Self::Int,
            "Long" => Self::Long,
            "Float" => Self::Float,
            "Double" => Self::Double,
            _ => return None,
        })
    }

    /// The name in messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Bool => "boolean",
            Self::Byte => "byte",
            Self::Short => "short",
            Self::Char => "char",
            Self::Int => "int",
            Self::Long => "long",
            Self::Float => "float",
            Self::Double => "double",
            Self::Text => "java.lang.String",
            Self::Date => "java.time.ZonedDateTime",
            Self::Instant => "java.time.Instant",
            Self::Month => "java.time.Month",
            Self::DayOfWeek => "java.time.DayOfWeek",
        }
    }

    /// The class that a value has where its type is known at run time only.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Bool => "java.lang.Boolean",
            Self::Byte => "java.lang.Byte",
            Self::Short => "java.lang.Short",
            Self::Char => "java.lang.Character",
            Self::Int => "java.lang.Integer",
            Self::Long => "java.lang.Long",
            Self::Float => "java.lang.Float",
            Self::Double => "java.lang.Double",
            Self::Text | Self::Date | Self::Instant | Self::Month | Self::DayOfWeek => self.name(),
        }
    }

    /// How wide a number is: a value fits every wider type. `None`: no number.
    pub(super) fn width(self) -> Option<u8> {
        match self {
            Self::Byte => Some(0),
            Self::Short => Some(1),
            Self::Char => Some(2),
            Self::Int => Some(3),
            Self::Long => Some(4),
            Self::Float => Some(5),
            Self::Double => Some(6),
            Self::Bool | Self::Text | Self::Date | Self::Instant | Self::Month | Self::DayOfWeek => None,
        }
    }

    /// Whether this is a number.
    pub(super) fn is_number(self) -> bool {
        self.width().is_some()
    }

    /// Whether this is a number without fraction.
    pub(super) fn is_integral(self) -> bool {
        self.width().is_some_and(|width| width <= 4)
    }

    /// Whether Java keeps it as a bare value that cannot be null.
    pub(super) fn is_primitive(self) -> bool {
        self.is_number() || self == Self::Bool
    }

    /// How a tree holds it.
    pub(super) fn value_type(self) -> ValueType {
        match self {
            Self::Bool => ValueType::Bool,
            Self::Float | Self::Double => ValueType::F64,
            Self::Text => ValueType::Str,
            Self::Byte
            | Self::Short
            | Self::Char
            | Self::Int
            | Self::Long
            | Self::Date
            | Self::Instant
            | Self::Month
            | Self::DayOfWeek => ValueType::I64,
        }
    }
}

/// Names of classes that scripts may use; what they do is no tree yet.
pub(super) const CLASSES: &[&str] = &[
    "Object",
    "Number",
    "CharSequence",
    "List",
    "ArrayList",
    "LinkedList",
    "Map",
    "HashMap",
    "LinkedHashMap",
    "TreeMap",
    "Set",
    "HashSet",
    "LinkedHashSet",
    "TreeSet",
    "Collection",
    "Collections",
    "Collectors",
    "Arrays",
    "Iterator",
    "Iterable",
    "ListIterator",
    "Optional",
    "OptionalInt",
    "OptionalDouble",
    "OptionalLong",
    "Stream",
    "IntStream",
    "LongStream",
    "DoubleStream",
    "StringBuilder",
    "StringBuffer",
    "StringTokenizer",
    "StringJoiner",
    "Random",
    "UUID",
    "BitSet",
    "Deque",
    "ArrayDeque",
    "Queue",
    "PriorityQueue",
    "Stack",
    "Vector",
    "Objects",
    "Comparator",
    "Function",
    "BiFunction",
    "Predicate",
    "BiPredicate",
    "Supplier",
    "Consumer",
    "BiConsumer",
    "UnaryOperator",
    "BinaryOperator",
    "ToIntFunction",
    "ToDoubleFunction",
    "ToLongFunction",
    "Exception",
    "RuntimeException",
    "IllegalArgumentException",
    "IllegalStateException",
    "ArithmeticException",
    "NullPointerException",
    "NumberFormatException",
    "IndexOutOfBoundsException",
    "UnsupportedOperationException",
    "NoSuchElementException",
    "ClassCastException",
    "BigInteger",
    "BigDecimal",
    "MathContext",
    "RoundingMode",
    "LocalDate",
    "LocalDateTime",
    "LocalTime",
    "ZoneId",
    "ZoneOffset",
    "Duration",
    "Period",
    "Year",
    "YearMonth",
    "OffsetDateTime",
    "ChronoUnit",
    "ChronoField",
    "DateTimeFormatter",
    "TemporalAdjusters",
    "WeekFields",
    "IsoFields",
    "Date",
    "Calendar",
    "SimpleDateFormat",
    "TimeZone",
    "Locale",
    "DecimalFormat",
    "NumberFormat",
    "Pattern",
    "Matcher",
    "System",
    "Debug",
    "Character",
    "Boolean",
    "Byte",
    "Short",
    "Integer",
    "Long",
    "Float",
    "Double",
    "Math",
    "StrictMath",
    "String",
    "ZonedDateTime",
    "Instant",
    "Month",
    "DayOfWeek",
    "GeoPoint",
    "MovingFunctions",
    "Normalizer",
];
