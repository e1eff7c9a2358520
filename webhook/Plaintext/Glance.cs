using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace SidecarAgent.Webhook.Plaintext;

/// <summary>
/// One look at the bytes of a whole list of variables, which finds something in all that hold secrets and in few others: most
/// lists need no second look, and no strings are made of them.
/// </summary>
internal static class Glance
{
    /// <summary>What is longer is looked at variable by variable.</summary>
    private const int MostBytes = 64 * 1024;

    private static readonly SearchValues<string> Telling =
        SearchValues.Create([.. SecretName.Hints, .. SecretValue.Hints], StringComparison.OrdinalIgnoreCase);

    private static readonly SearchValues<byte> Key = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-"u8);

    /// <summary>False if there is surely no secret in the variables.</summary>
    public static bool SeesAnythingIn(JsonElement variables)
    {
        var json = JsonMarshal.GetRawUtf8Value(variables);
        // What is escaped is not what it looks like.
        if (json.Length > MostBytes || json.Contains((byte)'\\') || HoldsRandom(json))
            return true;
        var text = ArrayPool<char>.Shared.Rent(json.Length);
        var length = Encoding.UTF8.GetChars(json, text);
        var found = text.AsSpan(0, length).ContainsAny(Telling);
        ArrayPool<char>.Shared.Return(text);
        return found;
    }

    /// <summary>Whether it holds characters of keys, one after the other, that <see cref="SecretValue.LooksRandom"/> would look at.</summary>
    private static bool HoldsRandom(ReadOnlySpan<byte> json)
    {
        while (json.IndexOfAny(Key) is >= 0 and var start)
        {
            json = json[start..];
            var end = json.IndexOfAnyExcept(Key);
            var run = end < 0 ? json : json[..end];
            if (run.Length >= SecretValue.MinRandomLength
                && run.ContainsAnyInRange((byte)'A', (byte)'Z') && run.ContainsAnyInRange((byte)'a', (byte)'z') && run.ContainsAnyInRange((byte)'0', (byte)'9'))
                return true;
            json = json[run.Length..];
        }

        return false;
    }
}
