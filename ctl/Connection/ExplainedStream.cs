using Grpc.Core;

namespace SidecarAgent.Ctl.Connection;

/// <summary>A stream of answers whose failure names the broker that was asked.</summary>
internal sealed class ExplainedStream<T>(IAsyncStreamReader<T> answers, BrokerSettings settings) : IAsyncStreamReader<T>
{
    public T Current => answers.Current;

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        try
        {
            return await answers.MoveNext(cancellationToken);
        }
        catch (RpcException e)
        {
            throw BrokerFailure.Explain(e, settings);
        }
    }
}
