using System.CommandLine;
using System.Text.Json.Nodes;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Ctl.Output;
using SidecarAgent.Ctl.Rotations;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Secrets;

/// <summary><c>secret put PATH NAME=VALUE...</c></summary>
internal sealed class SecretPutCommand
{
    private readonly Argument<SecretPath> _path = SecretPathArgument.Create();
    private readonly Argument<string[]> _pairs = new("FIELD")
    {
        Description = "NAME=@FILE (the file's bytes), NAME=- (standard input; asked for without echo on a terminal) "
            + "or NAME=VALUE (seen by process lists and the shell's history).",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private readonly Option<string[]> _identifiers = Names(
        "--identifier", "NAME", "This field may be shown: a user name, a host. Others are secret.");
    private readonly Option<string[]> _generated = Names(
        "--generate", "NAME[=WHAT]",
        "The broker makes this field's value, and a fresh one at each rotation. WHAT: a number of characters, or hex, "
        + "base64 (with :BYTES), uuid, rsa (with :BITS), ecdsa-p256, ecdsa-p384, ed25519; keys come with NAME.pub.");
    private readonly Option<string?> _alphabet = new("--alphabet")
    {
        Description = "The characters that generated values are made of. Default: letters and digits",
        HelpName = "CHARACTERS",
    };
    private readonly Option<string[]> _rules = Names(
        "--at-least", "COUNT:CHARACTERS", "Generated texts hold so many of these characters, or more.");
    private readonly Option<bool> _inactive = new("--inactive")
    {
        Description = "Store the version; 'secret activate' serves it.",
    };
    private readonly Option<ulong?> _expected = new("--expect-version")
    {
        Description = "Put only if the newest version has this number; 0: only if there is none yet.",
        HelpName = "NUMBER",
        CustomParser = result => VersionNumber.Parser(min: 0)(result),
    };

    private readonly ScheduleOptions _schedule = new("rotate-");

    private SecretPutCommand()
    {
    }

    public static Command Create(Cli cli)
    {
        var put = new SecretPutCommand();
        var command = new Command("put", "Stores a new version of a secret and serves it from now on.")
        {
            put._path, put._pairs, put._identifiers, put._generated, put._alphabet, put._rules, put._inactive, put._expected,
        };
        put._schedule.AddTo(command);
        cli.AskBroker(command, async (parsed, broker, cancellation) =>
        {
            var schedule = put._schedule.Read(parsed);
            var request = await Cli.InterruptibleAsync(() => put.Request(parsed, cli.Surroundings), cancellation);
            if (schedule is not null && (request.Inactive || request.Fields.All(field => field.Generate is null)))
                throw CommandFailedException.Usage("what is to be rotated needs a field with --generate, and is served at once");
            var response = await broker.PutSecretAsync(request, cancellationToken: cancellation);
            var stored = Stored(request, response.Version);
            return schedule is null ? stored : await ScheduledAsync(stored, request.Path, schedule, broker, cancellation);
        });
        return command;
    }

    private PutSecretRequest Request(ParseResult parsed, Surroundings surroundings)
    {
        var plans = NewFieldArguments.Parse(
            parsed.GetRequiredValue(_pairs),
            parsed.GetRequiredValue(_generated),
            parsed.GetRequiredValue(_identifiers),
            parsed.GetValue(_alphabet),
            parsed.GetRequiredValue(_rules));
        var request = new PutSecretRequest
        {
            Path = parsed.GetRequiredValue(_path).ToString(),
            Fields = { new NewFieldValues(surroundings, parsed.InvocationConfiguration.Error).Read(plans) },
            Inactive = parsed.GetValue(_inactive),
        };
        if (parsed.GetValue(_expected) is { } number)
            request.ExpectedVersion = number;
        return request;
    }

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
                ? $"{request.Path}: version {version} is stored; "
                    + $"'sidecarctl secret activate {request.Path} {version}' serves it"
                : $"{request.Path}: version {version} is stored and served",
        ],
    };

    private static async Task<Answer> ScheduledAsync(
        Answer stored, string path, RotationSchedule schedule, BrokerAdmin.BrokerAdminClient broker, CancellationToken cancellation)
    {
        var request = new SetRotationScheduleRequest { Path = path, Schedule = schedule };
        RotationSchedule set;
        try
        {
            set = (await broker.SetRotationScheduleAsync(request, cancellationToken: cancellation)).Schedule;
        }
        catch (CommandFailedException e)
        {
            throw new CommandFailedException(
                e.Code == ExitCode.Usage ? ExitCode.Failed : e.Code,
                $"{stored.Lines[0]}, and when it is rotated is not set: {e.Message}; 'sidecarctl rotation set {path}' sets it", e);
        }

        stored.Document["schedule"] = RotationWords.Document(set);
        return stored with { Lines = [.. stored.Lines, RotationWords.Sentence(set)] };
    }

    private static Option<string[]> Names(string name, string helpName, string description) => new(name)
    {
        Description = description,
        HelpName = helpName,
        Arity = ArgumentArity.OneOrMore,
        DefaultValueFactory = _ => [],
    };
}
