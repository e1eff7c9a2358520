using System.CommandLine;
using System.Text.Json.Nodes;
using Grpc.Core;
using SidecarAgent.Ctl.Output;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Keys;

/// <summary><c>key rewrap [--rate N] [--watch]</c></summary>
internal sealed class KeyRewrapCommand
{
    private const int HighestRate = 100_000;

    private readonly Option<int> _rate = new("--rate")
    {
        Description = "At most so many data keys a second, 1 to 100000, so that the broker has time for its callers.",
        HelpName = "NUMBER",
        DefaultValueFactory = _ => 1000,
    };
    private readonly Option<bool> _watch = new("--watch") { Description = "Show how far it has got." };

    private KeyRewrapCommand() => _rate.Validators.Add(result =>
    {
        if (result.Tokens.Count > 0 && !(int.TryParse(result.Tokens[0].Value, out var rate) && rate is >= 1 and <= HighestRate))
            result.AddError($"a rate is a whole number from 1 to {HighestRate}");
    });

    public static Command Create(Cli cli)
    {
        var rewrap = new KeyRewrapCommand();
        var command = new Command(
            "rewrap", "Wraps what is stored with the current key, while the broker serves; interrupted, it goes on where it was.")
        {
            rewrap._rate, rewrap._watch,
        };
        cli.AskBroker(command, (parsed, broker, cancellation) => rewrap.RunAsync(cli, parsed, broker, cancellation));
        return command;
    }

    private async Task<Answer> RunAsync(
        Cli cli, ParseResult parsed, BrokerAdmin.BrokerAdminClient broker, CancellationToken cancellationToken)
    {
        var progress = parsed.GetValue(_watch)
            ? new ProgressLine(cli.Surroundings, parsed.InvocationConfiguration.Error)
            : null;
        var request = new RewrapKeysRequest { MaxPerSecond = (uint)parsed.GetValue(_rate) };
        using var call = broker.RewrapKeys(request, cancellationToken: cancellationToken);
        RewrapKeysResponse? last = null;
        try
        {
            await foreach (var step in call.ResponseStream.ReadAllAsync(cancellationToken))
            {
                last = step;
                if (progress is not null)
                    await progress.ShowAsync(step.Done, step.Total, Quantity.Of((long)step.Failed, "failure"));
            }
        }
        finally
        {
            if (progress is not null)
                await progress.EndAsync();
        }

        return last is { Finished: true }
            ? Ended(last)
            : throw CommandFailedException.Failed("the broker ended before the rewrap did; run it again, it goes on where it was");
    }

    private static Answer Ended(RewrapKeysResponse end) => new(new JsonObject
    {
        ["keyId"] = end.KeyId,
        ["total"] = end.Total,
        ["done"] = end.Done,
        ["failed"] = end.Failed,
        ["problem"] = end.Problem,
    })
    {
        Lines = [$"{Quantity.Of((long)end.Done, "data key")} wrapped anew by {end.KeyId}"],
        Failure = end.Failed == 0
            ? null
            : $"{Quantity.Of((long)end.Failed, "data key")} could not be unwrapped, the first because: {end.Problem}; "
                + "they stay as they are, and 'sidecarctl key status' shows which keys they need",
    };
}
