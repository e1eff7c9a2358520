using System.Text.Json.Nodes;
using CsCheck;
using SidecarAgent.Agent.Configuration;

namespace SidecarAgent.Agent.Tests.Rendering;

public sealed class JsonFormatTests
{
    [Fact]
    public void Fields_are_sorted_on_one_line() =>
        Assert.Equal("{\"a\":\"<1>\",\"b\":\"é\\n\"}\n", Rendered.Text(FileFormat.Json, ("b", "é\n"), ("a", "<1>")));

    [Fact]
    public void A_secret_without_fields_is_an_empty_object() => Assert.Equal("{}\n", Rendered.Text(FileFormat.Json));

    [Fact]
    public void A_field_that_is_not_text_is_refused_by_name() =>
        Assert.Equal(
            "file: secret kv/shop/orders has a field 'key' that is not UTF-8 text; use the format raw, or base64Encode in a template",
            Rendered.Problem(FileFormat.Json, null, ("key", [0xFF, 0xFE])));

    [Fact]
    public void What_is_written_reads_back_the_same() => Fields.Of(Fields.Name, Fields.Text).Sample(fields =>
    {
        var read = JsonNode.Parse(Rendered.Bytes(FileFormat.Json, fields))!.AsObject();
        Assert.Equal(fields.OrderBy(f => f.Key, StringComparer.Ordinal), read.Select(p => KeyValuePair.Create(p.Key, (string)p.Value!)));
    });
}
