using CsCheck;
using SidecarAgent.Agent.Configuration;

namespace SidecarAgent.Agent.Tests.Rendering;

public sealed class RawFormatTests
{
    [Fact]
    public void The_bytes_are_exact() => Gen.Byte.Array[0, 200].Sample(value =>
        Assert.Equal(value, Rendered.Bytes(FileFormat.Raw, "key", [new("key", value), new("other", [1])])));

    [Fact]
    public void The_only_field_needs_no_name() =>
        Assert.Equal("x"u8.ToArray(), Rendered.Bytes(FileFormat.Raw, null, [new("key", "x"u8.ToArray())]));

    [Fact]
    public void Several_fields_without_a_choice_are_refused() =>
        Assert.Equal(
            "file: secret kv/shop/orders has 2 fields (a, b), and the format raw writes exactly one: name it with 'field'",
            Rendered.Problem(FileFormat.Raw, null, ("a", []), ("b", [])));

    [Fact]
    public void No_field_at_all_is_refused() =>
        Assert.Contains("has 0 fields (none)", Rendered.Problem(FileFormat.Raw, null));

    [Fact]
    public void A_field_that_is_not_there_is_named_with_those_that_are() =>
        Assert.Equal(
            "file: secret kv/shop/orders has no field 'pass'; it has a, b",
            Rendered.Problem(FileFormat.Raw, "pass", ("a", []), ("b", [])));
}
