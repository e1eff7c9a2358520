using System.Buffers;
using System.Text;
using SidecarAgent.Agent.Configuration;
using SidecarAgent.Agent.Rendering;
using FileOptions = SidecarAgent.Agent.Configuration.FileOptions;

namespace SidecarAgent.Agent.Tests.Rendering;

public sealed class FileRendererTests
{
    [Fact]
    public void A_file_of_a_format_needs_its_secret_and_the_field_that_was_asked_for()
    {
        var renderer = FileRenderer.Compile(new FileOptions { File = "f", Secret = Rendered.Path, Field = "password" });
        Assert.Equal([new SecretNeed(Rendered.Path, "password")], renderer.Secrets);
    }

    [Fact]
    public void One_field_as_JSON_leaves_its_neighbours_out() =>
        Assert.Equal(
            "{\"a\":\"1\"}\n",
            Encoding.UTF8.GetString(Rendered.Bytes(FileFormat.Json, "a", [new("a", "1"u8.ToArray()), new("b", "2"u8.ToArray())])));

    [Fact]
    public void A_secret_that_has_not_come_yet_is_named()
    {
        var renderer = FileRenderer.Compile(new FileOptions { File = "db.json", Secret = Rendered.Path });
        var error = Assert.Throws<RenderException>(() => renderer.Render(new SecretSet([]), new ArrayBufferWriter<byte>()));
        Assert.Equal("db.json: secret kv/shop/orders has not been received", error.Message);
        Assert.Equal(("db.json", 0, 0), (error.File, error.Line, error.Column));
    }

    [Fact]
    public void Nothing_that_holds_secrets_prints_them()
    {
        using var secret = Rendered.Secret([new("password", "hunter2"u8.ToArray())]);
        Assert.Equal("kv/shop/orders@3 ***", secret.ToString());
        Assert.Equal("1 secrets ***", new SecretSet([secret]).ToString());
    }
}
