using SidecarAgent.Ctl.Output;
using SidecarAgent.V1;

using State = SidecarAgent.V1.Rotation.Types.State;

namespace SidecarAgent.Ctl.Rotations;

/// <summary>What is said about a rotation that was begun, or followed to its end.</summary>
internal static class RotationAnswer
{
    /// <param name="rotation">As it stands.</param>
    /// <param name="began">False: it was under way already.</param>
    public static Answer Begun(Rotation rotation, bool began) => new(RotationWords.Document(rotation))
    {
        Lines = [(began ? "" : "a rotation was under way already; ") + Sentence(rotation)],
        Failure = rotation.State == State.Failed ? RotationWords.Failure(rotation) : null,
    };

    public static Answer Followed(Rotation rotation) => new(RotationWords.Document(rotation))
    {
        Lines = rotation.State == State.Done
            ? [Sentence(rotation)]
            : [$"{rotation.Path}: {RotationWords.Progress(rotation)}", .. RotationWords.Laggards(rotation)],
        Failure = RotationWords.Failure(rotation),
    };

    private static string Sentence(Rotation rotation)
    {
        var (path, version) = (rotation.Path, rotation.ToVersion);
        if (rotation.State == State.Preparing)
            return $"{path}: {RotationWords.Progress(rotation)}; 'sidecarctl rotation show {path}' shows how far it got";
        var served = $"{path}: version {version} is served now; ";
        return served + rotation switch
        {
            { Holders: 0 } => "nobody holds it",
            { State: State.Done, LeftBehind: 0 } => $"{Quantity.Of(rotation.Holders, "holder")} told, all use it",
            { State: State.Done } => $"{Quantity.Of(rotation.LeftBehind, "holder")} had not acknowledged it when their time was over",
            _ => $"{Quantity.Of(rotation.Holders, "holder")} will be told: 'sidecarctl rotation show {path}' shows how far it got",
        };
    }
}
