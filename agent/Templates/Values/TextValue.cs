using System.Text;
using System.Text.Unicode;
using SidecarAgent.Agent.Templates.Execution;

namespace SidecarAgent.Agent.Templates.Values;

/// <summary>A string: bytes that usually are UTF-8, as in Go. May refer to a secret's own bytes.</summary>
internal sealed class TextValue(ReadOnlyMemory<byte> bytes) : Value
{
    public static readonly TextValue Empty = new(default);

    public ReadOnlyMemory<byte> Bytes { get; } = bytes;

    public ReadOnlySpan<byte> Span => Bytes.Span;

    public override string GoType => "string";

    public override bool IsTrue => !Bytes.IsEmpty;

    public static TextValue Of(string text) => text.Length == 0 ? Empty : new(Encoding.UTF8.GetBytes(text));

    /// <summary>For functions that work on characters.</summary>
    /// <exception cref="EvaluationException">The bytes are not UTF-8.</exception>
    public string Decode() =>
        Utf8.IsValid(Span)
            ? Encoding.UTF8.GetString(Span)
            : throw new EvaluationException("a string is not UTF-8 text; use base64Encode for binary values");
}
