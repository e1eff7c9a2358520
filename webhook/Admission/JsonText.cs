using System.Text.Json;

namespace SidecarAgent.Webhook.Admission;

/// <summary>What <see cref="JsonDocument"/> leaves to the first reader of a string.</summary>
internal static class JsonText
{
    /// <summary>
    /// False if an escape such as <c>\ud800</c> names half a character: no string can hold it, and reading it later would
    /// fail in the middle of a decision. Text that is not JSON is left for the parser to refuse.
    /// </summary>
    public static bool HasOnlyWholeCharacters(ReadOnlySpan<byte> utf8)
    {
        // Halves are d800 to dfff; Go and .NET write them in lower and upper case. Other escapes need no second look.
        if (utf8.IndexOf("\\ud"u8) < 0 && utf8.IndexOf("\\uD"u8) < 0)
            return true;

        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = 1000 });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                    reader.GetString();
            }
        }
        catch (JsonException)
        {
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }

        return true;
    }
}
