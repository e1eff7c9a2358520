using System.Text;
using SidecarAgent.Ctl.Output;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Secrets;

/// <summary>A field's value as text, where it may be shown at all.</summary>
internal static class FieldText
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// Whether the value may be shown. It does not rely on the broker to have left secret values out.
    /// </summary>
    public static bool MayShow(Field field, bool reveal) => reveal || field.Class == FieldClass.Identifier;

    /// <summary>The value as UTF-8, or null if it is not that.</summary>
    public static string? Exact(Field field)
    {
        try
        {
            return StrictUtf8.GetString(field.Value.Span);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>For one cell of a table: the text, or base64 and a word that says so.</summary>
    public static (string Value, string Note) Cell(Field field) => Exact(field) switch
    {
        null => (field.Value.ToBase64(), "base64: the value is not text"),
        var text when Printable.IsPrintable(text) => (text, ""),
        _ => (field.Value.ToBase64(), "base64: the value has line breaks or control characters; --output yaml shows it as text"),
    };
}
