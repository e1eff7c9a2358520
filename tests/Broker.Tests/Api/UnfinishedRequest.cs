using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;

namespace SidecarAgent.Broker.Tests.Api;

/// <summary>A call whose message has begun, and is not whole before <see cref="Dispose"/>.</summary>
internal sealed class UnfinishedRequest : HttpRequestMessage
{
    private readonly TaskCompletionSource _rest = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="method">Its address.</param>
    /// <param name="token">Whose; null: nobody says.</param>
    /// <param name="size">How long the message says that it is, in bytes.</param>
    public UnfinishedRequest(Uri method, string? token, int size = 200_000)
        : base(HttpMethod.Post, method)
    {
        Version = HttpVersion.Version20;
        VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        Content = new Message(size, _rest.Task);
        Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        if (token is not null)
            Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    protected override void Dispose(bool disposing)
    {
        _rest.TrySetResult();
        base.Dispose(disposing);
    }

    private sealed class Message : HttpContent
    {
        private readonly int _size;
        private readonly Task _rest;

        public Message(int size, Task rest)
        {
            (_size, _rest) = (size, rest);
            Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var begin = new byte[_size / 10];
            BinaryPrimitives.WriteInt32BigEndian(begin.AsSpan(1), _size);
            await stream.WriteAsync(begin);
            await stream.FlushAsync();
            await _rest;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
