using System.Buffers.Text;
using System.Text;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>Base64, as consul-template has it, and hexadecimal, as External Secrets has it.</summary>
internal static class EncodingFunctions
{
    public static readonly Function[] All =
    [
        new("base64Encode", 1, 1, call => Base64Encode(call.Bytes(0))),
        new("base64Decode", 1, 1, call => Base64Decode(call, call.Bytes(0))),
        new("base64URLEncode", 1, 1, call => Base64UrlEncode(call.Bytes(0))),
        new("base64URLDecode", 1, 1, Base64UrlDecode),
        new("hexdec", 1, 1, HexDecode),
    ];

    public static TextValue Base64Encode(ReadOnlySpan<byte> bytes)
    {
        var encoded = new byte[Base64.GetMaxEncodedToUtf8Length(bytes.Length)];
        Base64.EncodeToUtf8(bytes, encoded, out _, out var written);
        return new TextValue(encoded.AsMemory(0, written));
    }

    /// <summary>Padding is required; line breaks are skipped, as in Go.</summary>
    public static TextValue Base64Decode(Call call, ReadOnlySpan<byte> text)
    {
        if (text.IndexOfAny(" \t"u8) >= 0)
            throw call.Error("the string is not base64");
        var decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        return Base64.DecodeFromUtf8(text, decoded, out _, out var written) == System.Buffers.OperationStatus.Done
            ? new TextValue(decoded.AsMemory(0, written))
            : throw call.Error("the string is not base64");
    }

    /// <summary>With padding, which Go's URL encoding has and .NET's has not.</summary>
    private static TextValue Base64UrlEncode(ReadOnlySpan<byte> bytes)
    {
        var encoded = Base64Url.EncodeToString(bytes);
        return TextValue.Of(encoded.PadRight((encoded.Length + 3) / 4 * 4, '='));
    }

    private static TextValue Base64UrlDecode(Call call)
    {
        var text = Encoding.ASCII.GetString(call.Bytes(0)).Replace("\n", "", StringComparison.Ordinal);
        return text.Length % 4 == 0 && Base64Url.IsValid(text)
            ? new TextValue(Base64Url.DecodeFromChars(text))
            : throw call.Error("the string is not base64 in its form for URLs");
    }

    private static TextValue HexDecode(Call call)
    {
        var text = call.Bytes(0);
        var bytes = new byte[text.Length / 2];
        return text.Length % 2 == 0 && Convert.FromHexString(text, bytes, out _, out _) == System.Buffers.OperationStatus.Done
            ? new TextValue(bytes)
            : throw call.Error("the string is not hexadecimal");
    }
}
