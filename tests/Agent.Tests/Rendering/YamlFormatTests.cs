using System.Text;
using CsCheck;
using SidecarAgent.Agent.Configuration;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;
using YamlDotNet.Serialization;

namespace SidecarAgent.Agent.Tests.Rendering;

public sealed class YamlFormatTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("two words", "two words")]
    [InlineData("https://db:5432/x", "https://db:5432/x")]
    [InlineData("yes", "\"yes\"")]
    [InlineData("Null", "\"Null\"")]
    [InlineData("~", "\"~\"")]
    [InlineData("", "\"\"")]
    [InlineData("1e3", "\"1e3\"")]
    [InlineData("-1", "\"-1\"")]
    [InlineData(".inf", "\".inf\"")]
    [InlineData("2001-01-01", "\"2001-01-01\"")]
    [InlineData(" x", "\" x\"")]
    [InlineData("x ", "\"x \"")]
    [InlineData("a: b", "\"a: b\"")]
    [InlineData("a #b", "\"a #b\"")]
    [InlineData("@x", "\"@x\"")]
    [InlineData("p@ss", "p@ss")]
    [InlineData("a\tb\0", "\"a\\tb\\0\"")]
    [InlineData("\u0085\ufeff", "\"\\x85\\uFEFF\"")]
    [InlineData("one\ntwo", "|-\n  one\n  two")]
    [InlineData("one\n\n  two\n", "|\n  one\n\n    two")]
    [InlineData("one\ntwo\n\n\n", "|+\n  one\n  two\n\n")]
    [InlineData("1\n", "\"1\\n\"")]
    [InlineData(".NaN\n", "\".NaN\\n\"")]
    [InlineData(" one\ntwo", "\" one\\ntwo\"")]
    [InlineData("one \ntwo", "\"one \\ntwo\"")]
    public void Every_string_is_written_so_that_it_stays_a_string(string value, string expected) =>
        Assert.Equal($"key: {expected}\n", Rendered.Text(FileFormat.Yaml, ("key", value)));

    [Theory]
    [InlineData("no", "\"no\": v\n")]
    [InlineData("1", "\"1\": v\n")]
    [InlineData("-", "\"-\": v\n")]
    [InlineData("a.b-c_d", "a.b-c_d: v\n")]
    public void Names_are_quoted_where_they_look_like_something_else(string name, string expected) =>
        Assert.Equal(expected, Rendered.Text(FileFormat.Yaml, (name, "v")));

    [Fact]
    public void A_secret_without_fields_is_an_empty_mapping() => Assert.Equal("{}\n", Rendered.Text(FileFormat.Yaml));

    [Fact]
    public void What_is_written_reads_back_the_same() => Fields.Of(Fields.Name, Fields.Text).Sample(fields =>
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(Encoding.UTF8.GetString(Rendered.Bytes(FileFormat.Yaml, fields))));
        var read = ((YamlMappingNode)Assert.Single(stream.Documents).RootNode).Children;
        Assert.Equal(Sorted(fields), read.Select(p => KeyValuePair.Create(((YamlScalarNode)p.Key).Value!, ((YamlScalarNode)p.Value).Value!)));
    });

    [Fact]
    public void A_reader_that_guesses_types_sees_strings_only() => Fields.Of(Fields.Name, Fields.Text).Sample(fields =>
    {
        var deserializer = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build();
        var read = deserializer.Deserialize<Dictionary<object, object>>(
            new Parser(new StringReader(Encoding.UTF8.GetString(Rendered.Bytes(FileFormat.Yaml, fields)))));
        Assert.All(read.Values, value => Assert.IsType<string>(value));
        Assert.Equal(Sorted(fields), read.Select(p => KeyValuePair.Create((string)p.Key, (string)p.Value)));
    });

    private static IEnumerable<KeyValuePair<string, string>> Sorted(KeyValuePair<string, string>[] fields) =>
        fields.OrderBy(f => f.Key, StringComparer.Ordinal);
}
