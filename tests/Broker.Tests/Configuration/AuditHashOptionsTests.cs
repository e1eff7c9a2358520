using SidecarAgent.Broker.Configuration;
using SidecarAgent.Testing;
using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Tests.Configuration;

public sealed class AuditHashOptionsTests : IDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();

    public AuditHashOptionsTests() => _directory.Write("names", new string('k', 32));

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Nothing_is_hashed_unless_it_is_said()
    {
        Assert.Null(Read("").Hash);
    }

    [Fact]
    public void What_is_hashed_is_named()
    {
        var options = Read(", hashIdentifiers: { keyFile: names, fields: [ pod, node ] }");

        Assert.Equal(_directory.File("names"), options.Hash!.KeyFile);
        Assert.Equal(["node", "pod"], options.Hash.Fields.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("{ keyFile: names, fields: [] }", "'hashIdentifiers' needs 'fields', a list of namespace, serviceAccount")]
    [InlineData("{ keyFile: names, fields: [ pods ] }", "'pods' cannot be hashed; did you mean 'pod'?")]
    [InlineData("{ keyFile: names, fields: [ remoteAddress ] }", "'remoteAddress' cannot be hashed; expected some of")]
    [InlineData("{ keyFile: none, fields: [ pod ] }", "none does not exist; make it with 'sidecar-broker init-key FILE'")]
    [InlineData("{ fields: [ pod ] }", "needs 'keyFile'")]
    public void What_cannot_be_meant_is_said(string text, string problem)
    {
        var error = Assert.Throws<InvalidYamlException>(() => Read($", hashIdentifiers: {text}"));

        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    private AuditOptions Read(string more)
    {
        var file = YamlFile.Parse($"audit: {{ file: audit.jsonl{more} }}", "broker.yaml");
        var options = new AuditOptionsReader(new ConfiguredFiles(_directory.FullName)).Read(file.Root);
        file.ThrowIfInvalid();
        return options;
    }
}
