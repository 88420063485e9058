/// Makes an enum whose variants a timeline names: `word = value`, where the value is of the variant's type.
///
/// One list gives the type, the words a file may use, reading and writing, so that they cannot disagree.
#[macro_export]
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident($type:ty) = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $name { $($(#[$vdoc])* $variant($type),)* }

        impl $crate::timeline::Word for $name {
            const WORDS: &'static [&'static str] = &[$($word,)*];

            fn read<'de, D: ::serde::Deserializer<'de>>(word: &str, value: D) -> Result<Self, D::Error> {
                match word {
                    $($word => <$type as ::serde::Deserialize>::deserialize(value).map(Self::$variant),)*
                    other => Err(<D::Error as ::serde::de::Error>::unknown_field(other, Self::WORDS)),
                }
            }

            fn word(&self) -> &'static str {
                match self { $(Self::$variant(_) => $word,)* }
            }

            fn value(&self) -> Result<::toml::Value, ::toml::ser::Error> {
                match self { $(Self::$variant(value) => ::toml::Value::try_from(value),)* }
            }
        }
    };
}

/// Something that a timeline names by one word, with a value: a step or an expectation.
pub trait Word: Sized {
    /// Every word.
    const WORDS: &'static [&'static str];

    /// Reads the value that follows a word.
    ///
    /// # Errors
    /// What the deserializer finds wrong, and an unknown field for a word that is not in [`Self::WORDS`].
    fn read<'de, D: serde::Deserializer<'de>>(word: &str, value: D) -> Result<Self, D::Error>;

    /// Its word.
    fn word(&self) -> &'static str;

    /// Its value, to write.
    ///
    /// # Errors
    /// When TOML cannot hold it, which no step of this crate is like.
    fn value(&self) -> Result<toml::Value, toml::ser::Error>;
}
