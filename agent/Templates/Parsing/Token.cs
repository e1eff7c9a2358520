namespace SidecarAgent.Agent.Templates.Parsing;

internal enum TokenKind
{
    /// <summary>What is copied to the output.</summary>
    Text,
    LeftDelimiter,
    RightDelimiter,
    EndOfTemplate,

    /// <summary>A run of white space inside an action, which separates arguments.</summary>
    Space,
    Pipe,
    LeftParenthesis,
    RightParenthesis,
    Comma,

    /// <summary>=</summary>
    Assign,

    /// <summary>:=</summary>
    Declare,

    /// <summary>A single dot.</summary>
    Dot,

    /// <summary>.name</summary>
    Field,

    /// <summary>$ or $name</summary>
    Variable,

    /// <summary>The name of a function.</summary>
    Identifier,

    /// <summary>One of <see cref="Keywords"/>.</summary>
    Keyword,
    Bool,
    Nil,
    Number,

    /// <summary>With its single quotes.</summary>
    Character,

    /// <summary>With its double quotes.</summary>
    String,

    /// <summary>With its back quotes.</summary>
    RawString,

    /// <summary>A character that no action can hold here.</summary>
    Other,
}

/// <summary>A piece of a template.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Span">Where it stands.</param>
/// <param name="Text">As it is written; for text with what trim markers leave of it.</param>
internal readonly record struct Token(TokenKind Kind, Span Span, string Text)
{
    public bool Is(string keyword) => Kind == TokenKind.Keyword && Text == keyword;

    /// <summary>How an error message calls it.</summary>
    public string Description => Kind switch
    {
        TokenKind.EndOfTemplate => "end of the template",
        TokenKind.Text => "text",
        TokenKind.Space => "space",
        _ => $"'{Text}'",
    };
}

/// <summary>The words that are not names of functions.</summary>
internal static class Keywords
{
    public const string Block = "block";
    public const string Break = "break";
    public const string Continue = "continue";
    public const string Define = "define";
    public const string Else = "else";
    public const string End = "end";
    public const string If = "if";
    public const string Range = "range";
    public const string Template = "template";
    public const string With = "with";

    public static TokenKind KindOf(string word) => word switch
    {
        Block or Break or Continue or Define or Else or End or If or Range or Template or With => TokenKind.Keyword,
        "true" or "false" => TokenKind.Bool,
        "nil" => TokenKind.Nil,
        _ => TokenKind.Identifier,
    };
}
