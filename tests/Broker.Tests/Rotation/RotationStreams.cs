using Grpc.Core;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Rotation;

/// <summary>Reads how rotations stand.</summary>
internal static class RotationStreams
{
    /// <summary>Only to end a test that would wait for ever.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <returns>The first message for which this is so.</returns>
    public static async Task<V1.Rotation> UntilAsync(
        this AsyncServerStreamingCall<WatchRotationResponse> watch, Func<V1.Rotation, bool> isSo)
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        V1.Rotation? last = null;
        while (await watch.ResponseStream.MoveNext(patience.Token))
        {
            last = watch.ResponseStream.Current.Rotation;
            if (isSo(last))
                return last;
        }

        throw new InvalidOperationException($"The stream has ended; its last word was {last}.");
    }
}
