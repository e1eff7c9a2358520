using System.Text;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>Sprig's encodings.</summary>
internal static class SprigEncodingFunctions
{
    private const string Base32Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public static readonly Function[] All =
    [
        new("b64enc", 1, 1, call => EncodingFunctions.Base64Encode(call.Bytes(0))),
        new("b64dec", 1, 1, call => EncodingFunctions.Base64Decode(call, call.Bytes(0))),
        new("b32enc", 1, 1, call => Base32Encode(call.Bytes(0))),
        new("b32dec", 1, 1, Base32Decode),
    ];

    private static TextValue Base32Encode(ReadOnlySpan<byte> bytes)
    {
        var result = new StringBuilder();
        for (var at = 0; at < bytes.Length; at += 5)
        {
            var block = bytes[at..Math.Min(at + 5, bytes.Length)];
            var bits = 0UL;
            for (var i = 0; i < 5; i++)
                bits = (bits << 8) | (i < block.Length ? block[i] : 0u);
            var letters = ((block.Length * 8) + 4) / 5;
            for (var i = 0; i < 8; i++)
                result.Append(i < letters ? Base32Alphabet[(int)(bits >> (35 - (5 * i))) & 31] : '=');
        }

        return TextValue.Of(result.ToString());
    }

    private static TextValue Base32Decode(Call call)
    {
        var text = Encoding.ASCII.GetString(call.Bytes(0));
        var letters = text.TrimEnd('=');
        if (text.Length % 8 != 0 || letters.Length % 8 is 1 or 3 or 6 || text.Length - letters.Length > 6)
            throw call.Error("the string is not base32");

        var result = new byte[letters.Length * 5 / 8];
        var (bits, count, at) = (0, 0, 0);
        foreach (var letter in letters)
        {
            var value = Base32Alphabet.IndexOf(letter, StringComparison.Ordinal);
            if (value < 0)
                throw call.Error("the string is not base32");
            bits = ((bits << 5) | value) & 0xFFF;
            count += 5;
            if (count >= 8)
            {
                count -= 8;
                result[at++] = (byte)(bits >> count);
            }
        }

        return new TextValue(result);
    }
}
