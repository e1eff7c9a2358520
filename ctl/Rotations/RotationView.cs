using Grpc.Core;
using SidecarAgent.Ctl.Output;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Rotations;

/// <summary>Follows a rotation until it is over or held.</summary>
/// <param name="surroundings">Whether there is a terminal.</param>
/// <param name="output">Where to write; null: nowhere, because only the end is wanted.</param>
internal sealed class RotationView(Surroundings surroundings, TextWriter? output)
{
    /// <returns>How it stands when it is over, or held.</returns>
    public async Task<Rotation> FollowAsync(
        BrokerAdmin.BrokerAdminClient broker, string path, CancellationToken cancellationToken)
    {
        using var watch = broker.WatchRotation(new WatchRotationRequest { Path = path }, cancellationToken: cancellationToken);
        var view = new ProgressView<WatchRotationResponse>(
            surroundings, output, news => RotationWords.Progress(news.Rotation), news => Share(news.Rotation),
            news => news.Rotation.State, news => IsEnd(news.Rotation));
        var last = await view.FollowAsync(watch.ResponseStream.ReadAllAsync(cancellationToken));
        return last?.Rotation ?? throw CommandFailedException.Failed("the broker has said nothing about the rotation");
    }

    private static bool IsEnd(Rotation rotation) => RotationWords.IsOver(rotation) || rotation.State == Rotation.Types.State.Held;

    /// <summary>How many of those who matter have got there, from 0 to 1.</summary>
    private static double Share(Rotation rotation) =>
        RotationWords.IsOver(rotation) || rotation.State == Rotation.Types.State.Revoking ? 1
        : rotation.State == Rotation.Types.State.Preparing ? 0
        : rotation.Holders == 0 ? 1
        : 1 - ((double)rotation.Behind / rotation.Holders);
}
