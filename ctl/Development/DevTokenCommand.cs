using System.CommandLine;
using System.Text.Json.Nodes;
using SidecarAgent.Ctl.Output;

namespace SidecarAgent.Ctl.Development;

/// <summary><c>dev token NS/SA</c></summary>
internal static class DevTokenCommand
{
    // ".invalid" is nobody's (RFC 2606): no broker can be tricked into asking such an issuer for keys.
    private const string DefaultIssuer = "https://issuer.sidecar-agent.invalid";
    private const string DefaultAudience = "sidecar-broker";
    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromHours(1);

    public static Command Create(Cli cli)
    {
        var account = new Argument<NamespacedName>("NAMESPACE/SERVICEACCOUNT")
        {
            Description = "Whom the token is for.",
            CustomParser = KubernetesName.ParseNamespaced,
        };
        var pod = new Option<string?>("--pod")
        {
            Description = "The pod that the token is bound to. Default: none",
            HelpName = "POD",
            CustomParser = KubernetesName.ParseName,
        };
        var podUid = new Option<string?>("--pod-uid")
        {
            Description = "The pod's UID. Default: derived from its name",
            HelpName = "UID",
            CustomParser = KubernetesName.ParseName,
        };
        var node = new Option<string?>("--node")
        {
            Description = "The node that the pod runs on.",
            HelpName = "NODE",
            CustomParser = KubernetesName.ParseName,
        };
        var audience = Text("--audience", "AUDIENCE", $"Whom the token is meant for. Default: {DefaultAudience}");
        var expires = new Option<TimeSpan>("--expires")
        {
            Description = "How long the token is good, 1s to 7d. Default: 1h",
            HelpName = "DURATION",
            CustomParser = Durations.Parser(TimeSpan.FromSeconds(1), TimeSpan.FromDays(7)),
        };
        var issuer = Text("--issuer", "URL", $"The issuer that the token names. Default: {DefaultIssuer}");
        var directory = FileName.Option("--key-dir", "DIR", "Where the issuer's key and jwks.json are. Default: ~/.config/sidecarctl/issuer");

        var command = new Command(
            "token", "Prints a token like those that Kubernetes gives to pods, from an issuer for development.")
        {
            account, pod, podUid, node, audience, expires, issuer, directory,
        };
        cli.Offline(command, parsed =>
        {
            var subject = new TokenSubject(
                parsed.GetRequiredValue(account), parsed.GetValue(pod), parsed.GetValue(podUid), parsed.GetValue(node));
            if (subject is { Pod: null, PodUid: not null } or { Pod: null, Node: not null })
                throw CommandFailedException.Usage("--pod-uid and --node say more about a pod: they need --pod");

            var lifetime = parsed.GetResult(expires) is { Implicit: false } ? parsed.GetValue(expires) : DefaultLifetime;
            var now = cli.Surroundings.Time.GetUtcNow();
            var claims = PodTokenClaims.Create(
                subject,
                parsed.GetValue(issuer) ?? DefaultIssuer,
                parsed.GetValue(audience) ?? DefaultAudience,
                now,
                lifetime,
                Guid.NewGuid());
            using var keys = DevelopmentIssuer.Open(parsed.GetValue(directory) ?? DefaultDirectory(cli.Surroundings));
            return Signed(keys, claims, now + lifetime);
        });
        return command;
    }

    private static Answer Signed(DevelopmentIssuer keys, JsonObject claims, DateTimeOffset expiresAt)
    {
        var token = keys.Sign(claims);
        return new Answer(new JsonObject
        {
            ["token"] = token,
            ["issuer"] = claims["iss"]!.GetValue<string>(),
            ["expiresAt"] = Moment.Exact(expiresAt),
            ["jwksFile"] = Path.GetFullPath(keys.JwksFile),
        })
        {
            Lines = [token],
        };
    }

    private static Option<string?> Text(string name, string helpName, string description) =>
        new(name) { Description = description, HelpName = helpName };

    private static string DefaultDirectory(Surroundings surroundings)
    {
        var configuration = surroundings.Variable("XDG_CONFIG_HOME") is { Length: > 0 } set
            ? set
            : Path.Combine(
                surroundings.Variable("HOME") is { Length: > 0 } home
                    ? home
                    : throw CommandFailedException.Usage("there is no home directory to keep the issuer's key in: give --key-dir DIR"),
                ".config");
        return Path.Combine(configuration, "sidecarctl", "issuer");
    }
}
