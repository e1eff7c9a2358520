using System.CommandLine;
using System.Text.Json.Nodes;
using SidecarAgent.Ctl.Output;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Secrets;

/// <summary><c>secret put PATH NAME=VALUE...</c></summary>
internal static class SecretPutCommand
{
    public static Command Create(Cli cli)
    {
        var path = SecretPathArgument.Create();
        var pairs = new Argument<string[]>("FIELD")
        {
            Description = "NAME=@FILE (the file's bytes), NAME=- (standard input; asked for without echo on a terminal) "
                + "or NAME=VALUE (seen by process lists and the shell's history).",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var identifiers = Names("--identifier", "NAME", "This field may be shown: a user name, a host. Others are secret.");
        var generated = Names("--generate", "NAME[=LENGTH]", "The broker makes this field's value, and a fresh one at each rotation.");
        var alphabet = new Option<string?>("--alphabet")
        {
            Description = "The characters that generated values are made of. Default: letters and digits",
            HelpName = "CHARACTERS",
        };
        var inactive = new Option<bool>("--inactive") { Description = "Store the version; 'secret activate' serves it." };
        var expected = new Option<ulong?>("--expect-version")
        {
            Description = "Put only if the newest version has this number; 0: only if there is none yet.",
            HelpName = "NUMBER",
            CustomParser = result => VersionNumber.Parser(min: 0)(result),
        };

        var command = new Command("put", "Stores a new version of a secret and serves it from now on.")
        {
            path, pairs, identifiers, generated, alphabet, inactive, expected,
        };
        cli.AskBroker(command, async (parsed, broker, cancellation) =>
        {
            var plans = NewFieldArguments.Parse(
                parsed.GetRequiredValue(pairs),
                parsed.GetRequiredValue(generated),
                parsed.GetRequiredValue(identifiers),
                parsed.GetValue(alphabet));
            var request = new PutSecretRequest
            {
                Path = parsed.GetRequiredValue(path).ToString(),
                Fields = { new NewFieldValues(cli.Surroundings, parsed.InvocationConfiguration.Error).Read(plans) },
                Inactive = parsed.GetValue(inactive),
            };
            if (parsed.GetValue(expected) is { } number)
                request.ExpectedVersion = number;
            var response = await broker.PutSecretAsync(request, cancellationToken: cancellation);
            return Stored(request, response.Version);
        });
        return command;
    }

    private static Option<string[]> Names(string name, string helpName, string description) => new(name)
    {
        Description = description,
        HelpName = helpName,
        Arity = ArgumentArity.OneOrMore,
        DefaultValueFactory = _ => [],
    };

    private static Answer Stored(PutSecretRequest request, ulong version) => new(new JsonObject
    {
        ["path"] = request.Path,
        ["version"] = version,
        ["active"] = !request.Inactive,
    })
    {
        Lines =
        [
            request.Inactive
                ? $"{request.Path}: version {version} is stored; 'sidecarctl secret activate {request.Path} {version}' serves it"
                : $"{request.Path}: version {version} is stored and served",
        ],
    };
}
