using System.CommandLine;
using System.Text.Json.Nodes;
using SidecarAgent.Ctl.Output;

namespace SidecarAgent.Ctl.Development;

/// <summary><c>dev token NS/SA</c></summary>
internal sealed class DevTokenCommand
{
    // ".invalid" is nobody's (RFC 2606): no broker can be tricked into asking such an issuer for keys.
    private const string DefaultIssuer = "https://issuer.sidecar-agent.invalid";
    private const string DefaultAudience = "sidecar-broker";
    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromHours(1);

    private readonly Argument<NamespacedName> _account = new("NAMESPACE/SERVICEACCOUNT")
    {
        Description = "Whom the token is for.",
        CustomParser = KubernetesName.ParseNamespaced,
    };
    private readonly Option<string?> _pod = Name("--pod", "POD", "The pod that the token is bound to. Default: none");
    private readonly Option<string?> _podUid = Name("--pod-uid", "UID", "The pod's UID. Default: derived from its name");
    private readonly Option<string?> _node = Name("--node", "NODE", "The node that the pod runs on.");
    private readonly Option<string?> _audience = new("--audience")
    {
        Description = $"Whom the token is meant for. Default: {DefaultAudience}",
        HelpName = "AUDIENCE",
    };
    private readonly Option<TimeSpan?> _expires = new("--expires")
    {
        Description = "How long the token is good, 1s to 7d. Default: 1h",
        HelpName = "DURATION",
        CustomParser = Durations.Parser(TimeSpan.FromSeconds(1), TimeSpan.FromDays(7)),
    };
    private readonly Option<string?> _issuer = new("--issuer")
    {
        Description = $"The issuer that the token names. Default: {DefaultIssuer}",
        HelpName = "URL",
    };
    private readonly Option<string?> _directory = FileName.Option(
        "--key-dir", "DIR", "Where the issuer's key and jwks.json are. Default: ~/.config/sidecarctl/issuer");

    private DevTokenCommand()
    {
    }

    public static Command Create(Cli cli)
    {
        var token = new DevTokenCommand();
        var command = new Command(
            "token", "Prints a token like those that Kubernetes gives to pods, from an issuer for development.")
        {
            token._account, token._pod, token._podUid, token._node,
            token._audience, token._expires, token._issuer, token._directory,
        };
        cli.Offline(command, parsed => token.Make(parsed, cli.Surroundings));
        return command;
    }

    private Answer Make(ParseResult parsed, Surroundings surroundings)
    {
        var subject = new TokenSubject(
            parsed.GetRequiredValue(_account), parsed.GetValue(_pod), parsed.GetValue(_podUid), parsed.GetValue(_node));
        if (subject is { Pod: null, PodUid: not null } or { Pod: null, Node: not null })
            throw CommandFailedException.Usage("--pod-uid and --node say more about a pod: they need --pod");

        var lifetime = parsed.GetValue(_expires) ?? DefaultLifetime;
        var now = surroundings.Time.GetUtcNow();
        var claims = PodTokenClaims.Create(
            subject,
            parsed.GetValue(_issuer) ?? DefaultIssuer,
            parsed.GetValue(_audience) ?? DefaultAudience,
            now,
            lifetime,
            Guid.NewGuid());
        using var keys = DevelopmentIssuer.Open(parsed.GetValue(_directory) ?? DefaultDirectory(surroundings));
        return Signed(keys, claims, now + lifetime);
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

    private static Option<string?> Name(string name, string helpName, string description) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = KubernetesName.ParseName,
    };

    private static string DefaultDirectory(Surroundings surroundings)
    {
        var configuration = surroundings.Variable("XDG_CONFIG_HOME") is { Length: > 0 } set
            ? set
            : Path.Combine(surroundings.Variable("HOME") is { Length: > 0 } home ? home : throw NoHome, ".config");
        return Path.Combine(configuration, "sidecarctl", "issuer");
    }

    private static CommandFailedException NoHome =>
        CommandFailedException.Usage("there is no home directory to keep the issuer's key in: give --key-dir DIR");
}
