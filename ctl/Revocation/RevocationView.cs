using System.Runtime.CompilerServices;
using System.Text.Json;
using Grpc.Core;
using SidecarAgent.Ctl.Output;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Revocation;

/// <summary>Follows a revocation: for people as <see cref="ProgressView{T}"/>, for programs a JSON document for each step.</summary>
internal sealed class RevocationView(Surroundings surroundings, TextWriter output, OutputFormat format)
{
    /// <returns>The last word.</returns>
    public async Task<RevokeAndWatchResponse> FollowAsync(
        BrokerAdmin.BrokerAdminClient broker, RevokeAndWatchRequest request, CancellationToken cancellationToken)
    {
        using var call = broker.RevokeAndWatch(request, cancellationToken: cancellationToken);
        var view = new ProgressView<RevokeAndWatchResponse>(
            surroundings, format == OutputFormat.Table ? output : null, RevocationWords.Progress, RevocationWords.Share,
            _ => "", step => step.Finished);
        var last = await view.FollowAsync(StepsAsync(call.ResponseStream, cancellationToken));
        return last is { Finished: true }
            ? last
            : throw CommandFailedException.Failed("the broker ended before the revocation did; 'sidecarctl cut-off list' shows whether it is in force");
    }

    private async IAsyncEnumerable<RevokeAndWatchResponse> StepsAsync(
        IAsyncStreamReader<RevokeAndWatchResponse> steps, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var step in steps.ReadAllAsync(cancellationToken))
        {
            // The last one is the answer itself.
            if (format == OutputFormat.Json && !step.Finished)
                await output.WriteLineAsync(RevocationWords.Document(step).ToJsonString(JsonSerializerOptions.Default));
            yield return step;
        }
    }
}
