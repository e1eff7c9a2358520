using SidecarAgent.Broker.Configuration;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Configuration;

/// <summary>What the pages show of the broker's configuration is what the broker takes.</summary>
public sealed class DocumentedOptionsTests : IDisposable
{
    /// <summary>What a page that shows a part leaves to the others.</summary>
    private static readonly Dictionary<string, string> Usual = new()
    {
        ["tls"] = "tls: { certFile: tls.crt, keyFile: tls.key }",
        ["storage"] = "storage: { sqlite: broker.db }",
        ["key"] = "key: { file: kek }",
        ["audit"] = "audit: { file: audit.jsonl }",
        ["issuers"] = "issuers: [ { issuer: https://cluster-a, audience: sidecar-broker, keys: jwks.json } ]",
        ["policies"] = "policies: policies",
    };

    private static readonly string[] Files =
    [
        "tls.crt", "tls.key", "kek", "jwks.json", "bundle.json", "ca.crt", "token", "audit-key", "audit-names", "operators.crt",
        "db-password", "db-ca.crt", "pin", "library.so",
    ];

    private readonly TempDirectory _directory = TempDirectory.Create();

    public DocumentedOptionsTests()
    {
        foreach (var file in Files)
            _directory.Write(file, "x");
        Directory.CreateDirectory(_directory.File("policies"));
    }

    public void Dispose() => _directory.Dispose();

    public static TheoryData<string, string> Examples()
    {
        var examples = new TheoryData<string, string>();
        foreach (var page in (string[])["broker", "engines", "credentials", "rotation", "keys", "audit", "detection"])
        {
            var text = File.ReadAllText(Path.Combine(Repository(), "docs", $"{page}.md"));
            foreach (var block in text.Split("```yaml\n").Skip(1).Select(rest => rest[..rest.IndexOf("```", StringComparison.Ordinal)]))
            {
                // Where a page leaves something out it shows no configuration, but the shape of one.
                if (Keys(block).Any(Known.Contains) && !block.Contains("...", StringComparison.Ordinal))
                    examples.Add(page, block);
            }
        }

        return examples;
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void The_broker_takes_what_a_page_shows(string page, string example)
    {
        var missing = Usual.Where(usual => !Keys(example).Contains(usual.Key)).Select(usual => usual.Value);
        var text = string.Join('\n', missing.Append(example))
            .Replace("/usr/lib/softhsm/libsofthsm2.so", "library.so", StringComparison.Ordinal);

        var problem = Record.Exception(() => BrokerOptions.Load(_directory.Write("broker.yaml", text)));

        Assert.True(problem is null, $"{page}.md: {problem?.Message}");
    }

    [Fact]
    public void The_page_of_the_broker_is_among_them() =>
        Assert.Contains(Examples(), example => (string)example[0] == "broker");

    private static readonly string[] Known =
        [.. "listen metricsListen tls storage key audit issuers admins policies mounts rotation detection leases limits".Split(' ')];

    private static IEnumerable<string> Keys(string block) => block.Split('\n')
        .Where(line => line.Length > 0 && char.IsAsciiLetter(line[0]) && line.Contains(':', StringComparison.Ordinal))
        .Select(line => line[..line.IndexOf(':', StringComparison.Ordinal)]);

    internal static string Repository()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "SidecarAgent.sln")))
            directory = directory.Parent ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        return directory.FullName;
    }
}
