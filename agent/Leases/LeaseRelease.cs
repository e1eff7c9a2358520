using Grpc.Core;
using Microsoft.Extensions.Logging;
using SidecarAgent.Agent.Connection;
using SidecarAgent.Agent.Telemetry;
using SidecarAgent.V1;

namespace SidecarAgent.Agent.Leases;

/// <summary>Gives leases back that nobody needs any longer, for as long as it takes and no longer than is sensible.</summary>
internal static partial class LeaseRelease
{
    /// <summary>A pod that ends has little time, and a lease that is not released ends by itself.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    /// <summary>Failures are logged, never thrown.</summary>
    public static async Task RunAsync(
        BrokerConnection broker, IEnumerable<string> leases, TimeProvider time, ILogger log, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Longest, time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        foreach (var batch in leases.Chunk(RenewalSchedule.MaxBatch))
        {
            if (await TryAsync(broker, batch, over.Token) is { } problem)
            {
                LogNotReleased(log, problem);
                return;
            }

            LogReleased(log, new Counted(batch.Length, "lease"));
        }
    }

    /// <returns>Why not; null: they are given back.</returns>
    private static async Task<string?> TryAsync(BrokerConnection broker, string[] leases, CancellationToken cancellationToken)
    {
        try
        {
            await broker.ReleaseAsync(new ReleaseRequest { LeaseIds = { leases } }, cancellationToken);
            return null;
        }
        catch (RpcException error)
        {
            return BrokerProblem.Of(error).Sentence;
        }
        catch (TokenException error)
        {
            return error.Message;
        }
        catch (OperationCanceledException)
        {
            return $"no answer within {Longest.TotalSeconds:0} s";
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Gave back {Leases}")]
    private static partial void LogReleased(ILogger log, Counted leases);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Leases were not given back and will end by themselves: {Problem}")]
    private static partial void LogNotReleased(ILogger log, string problem);
}
