using CsCheck;

namespace SidecarAgent.Agent.Tests.Rendering;

/// <summary>Generators of secrets: names as the wire allows them, values with everything that formats trip over.</summary>
internal static class Fields
{
    private const string ShellStart = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";

    public static readonly Gen<string> Name = Gen.String[Gen.Char[ShellStart + "0123456789.-"], 1, 12];

    public static readonly Gen<string> ShellName =
        Gen.Select(Gen.Char[ShellStart], Gen.String[Gen.Char[ShellStart + "0123456789"], 0, 8], (first, rest) => "V_" + first + rest);

    private static readonly Gen<string> Awkward = Gen.OneOf(
        "", " ", "  ", "\n", "\r\n", "\t", "'", "\"", "\\", "\\n", "#", " #", ":", ": ", "- ", "-", "---", "...", "? ", "|", ">", "!", "&", "*",
        "%", "@", "`", "{", "}", "[", "]", ",", "=", "~", "<", "$x", "$(id)", "yes", "No", "on", "null", "NULL", "true", "1", "0x1F", "0b1", "0o7", "1e3",
        ".5", "+1", "-.inf", ".NaN", "1_000", "190:20:30", "2001-01-01", "\0", "\u0001", "\u001b", "\u007f", "\u0085", "\u00a0", "\u2028", "\u2029",
        "\ufeff", "\ufffd", "\uffff", "é", "日本", "\U0001f600", "\u200b", "a", "word", "-----BEGIN KEY-----");

    private static readonly Gen<string> Character = Gen.Int[0, 0x10FFFF]
        .Where(c => c is < 0xD800 or > 0xDFFF)
        .Select(char.ConvertFromUtf32);

    public static readonly Gen<string> Text =
        Gen.OneOf(Awkward, Awkward, Awkward, Character).Array[0, 8].Select(string.Concat);

    public static Gen<KeyValuePair<string, T>[]> Of<T>(Gen<string> name, Gen<T> value) =>
        Gen.Select(name, value, KeyValuePair.Create).Array[0, 6].Select(all => all.DistinctBy(f => f.Key).ToArray());
}
