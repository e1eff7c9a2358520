using System.CommandLine;
using System.Net;
using System.Text.Json.Nodes;
using SidecarAgent.Ctl.Output;

namespace SidecarAgent.Ctl.Development;

/// <summary><c>dev certificate --host HOST... --out DIR</c></summary>
internal static class DevCertificateCommand
{
    private const int MaxHost = 253;

    public static Command Create(Cli cli)
    {
        var hosts = new Option<string[]>("--host")
        {
            Description = "A name or IP address that the certificate is for; may be repeated.",
            HelpName = "HOST",
            Required = true,
            Arity = ArgumentArity.OneOrMore,
        };
        hosts.Validators.Add(result =>
        {
            if (!result.Tokens.All(token => IsHost(token.Value)))
                result.AddError("--host takes a name such as broker.example or *.broker.example, or an IP address");
        });
        var directory = FileName.Option("--out", "DIR", "Where the files go.");
        directory.Required = true;
        var command = new Command(
            "certificate", "Makes a server certificate, and on first use the CA that it comes from, for development.")
        {
            hosts, directory,
        };
        cli.Offline(command, parsed =>
            Issue(parsed.GetRequiredValue(directory)!, parsed.GetRequiredValue(hosts), cli.Surroundings.Time.GetUtcNow()));
        return command;
    }

    private static Answer Issue(string directory, string[] hosts, DateTimeOffset now)
    {
        using var authority = DevelopmentAuthority.Open(directory, now);
        var (certificate, key) = authority.Issue(hosts, now);
        string File(string name) => Path.Combine(directory, name);

        // The key first: whoever reloads on a change of the certificate finds the key that belongs to it.
        AtomicFile.Replace(File("tls.key"), key + "\n", AtomicFile.Private);
        AtomicFile.Replace(File("tls.crt"), certificate + "\n", AtomicFile.Public);
        return new Answer(new JsonObject
        {
            ["caFile"] = File("ca.crt"),
            ["certFile"] = File("tls.crt"),
            ["keyFile"] = File("tls.key"),
            ["hosts"] = new JsonArray([.. hosts.Select(host => JsonValue.Create(host))]),
        })
        {
            Lines =
            [
                $"{File("tls.crt")} and {File("tls.key")} are for {string.Join(", ", hosts)}, "
                    + $"good for {DevelopmentAuthority.LeafLifetime.Days} days",
                $"whoever is to trust them needs {File("ca.crt")}; {File("ca.key")} stays here",
            ],
        };
    }

    private static bool IsHost(string text)
    {
        if (IPAddress.TryParse(text, out _))
            return true;
        var name = text.StartsWith("*.", StringComparison.Ordinal) ? text[2..] : text;
        return name.Length is >= 1 and <= MaxHost && name.Split('.').All(label =>
            label.Length is >= 1 and <= 63 && label[0] != '-' && label[^1] != '-'
            && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'));
    }
}
