using System.Text;
using CsCheck;
using SidecarAgent.Agent.Configuration;

namespace SidecarAgent.Agent.Tests.Rendering;

public sealed class PropertiesFormatTests
{
    [Theory]
    [InlineData("a=b:c#d!e", "a=b:c#d!e")]
    [InlineData("  two ", "\\  two ")]
    [InlineData("a\\b\n\t\r\f", "a\\\\b\\n\\t\\r\\f")]
    [InlineData("é", "\\u00E9")]
    [InlineData("\U0001f600", "\\uD83D\\uDE00")]
    [InlineData("\0", "\\u0000")]
    public void Values_are_escaped_as_Java_reads_them(string value, string expected) =>
        Assert.Equal($"key={expected}\n", Rendered.Text(FileFormat.Properties, ("key", value)));

    [Fact]
    public void What_is_written_reads_back_the_same() => Fields.Of(Fields.Name, Fields.Text).Sample(fields =>
        Assert.Equal(
            fields.OrderBy(f => f.Key, StringComparer.Ordinal),
            Load(Encoding.Latin1.GetString(Rendered.Bytes(FileFormat.Properties, fields)))));

    /// <summary>The part of java.util.Properties.load that has no comments and no continued lines.</summary>
    private static List<KeyValuePair<string, string>> Load(string text)
    {
        var properties = new List<KeyValuePair<string, string>>();
        foreach (var line in text.Split('\n', '\r').Select(l => l.TrimStart(' ', '\t', '\f')).Where(l => l.Length > 0))
        {
            Assert.False(line[0] is '#' or '!', "a comment");
            var end = 0;
            while (end < line.Length && line[end] is not ('=' or ':' or ' ' or '\t' or '\f'))
                end += line[end] == '\\' ? 2 : 1;
            var value = line[end..].TrimStart(' ', '\t', '\f');
            if (value.Length > 0 && value[0] is '=' or ':')
                value = value[1..].TrimStart(' ', '\t', '\f');
            properties.Add(new(Unescape(line[..end]), Unescape(value)));
        }

        return properties;
    }

    private static string Unescape(string text)
    {
        var result = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                result.Append(text[i]);
                continue;
            }

            i++;
            result.Append(text[i] switch { 't' => '\t', 'n' => '\n', 'r' => '\r', 'f' => '\f', 'u' => (char)Convert.ToInt32(text[(i + 1)..(i + 5)], 16), var c => c });
            i += text[i] == 'u' ? 4 : 0;
        }

        return result.ToString();
    }
}
