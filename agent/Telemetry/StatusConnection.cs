using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace SidecarAgent.Agent.Telemetry;

/// <summary>One request and its answer; then the connection ends. Scrapers and probes come every few seconds at most.</summary>
internal static class StatusConnection
{
    /// <summary>For all of it: who sends or takes byte by byte does not hold a place.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <exception cref="SocketException">The other side has gone.</exception>
    /// <exception cref="OperationCanceledException">It took too long, or the agent stops.</exception>
    public static async Task ServeAsync(Socket client, StatusPages pages, TimeProvider time, CancellationToken cancellationToken)
    {
        using var over = new CancellationTokenSource(Longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellationToken);
        client.NoDelay = true;
        var (request, problem) = await ReadAsync(client, either.Token);
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { RequestAborted = either.Token };
        context.Response.Body = body;
        if (request is null)
            Refuse(context.Response, problem);
        else
            await AnswerAsync(context, request, pages);

        await SendAsync(client, Encoding.ASCII.GetBytes(Head(context.Response, body.Length)), either.Token);
        await SendAsync(client, body.GetBuffer().AsMemory(0, (int)body.Length), either.Token);
        client.Shutdown(SocketShutdown.Send);
        await DrainAsync(client, either.Token);
    }

    private static async Task<(StatusRequest? Request, int Problem)> ReadAsync(Socket client, CancellationToken cancellationToken)
    {
        var received = new byte[StatusRequest.MaxBytes];
        for (var length = 0; length < received.Length;)
        {
            var read = await client.ReceiveAsync(received.AsMemory(length), cancellationToken);
            if (read == 0)
                return (null, StatusCodes.Status400BadRequest);
            length += read;
            if (StatusRequest.HeadLength(received.AsSpan(0, length)) is { } head)
                return StatusRequest.Parse(received.AsSpan(0, head));
        }

        return (null, StatusCodes.Status431RequestHeaderFieldsTooLarge);
    }

    private static void Refuse(HttpResponse response, int problem)
    {
        response.StatusCode = problem;
        if (problem is StatusCodes.Status405MethodNotAllowed)
            response.Headers.Allow = HttpMethods.Get;
    }

    private static Task AnswerAsync(HttpContext context, StatusRequest request, StatusPages pages)
    {
        context.Request.Method = HttpMethods.Get;
        context.Request.Path = request.Path;
        context.Request.Headers.Accept = request.Accept;
        return pages.AnswerAsync(context);
    }

    private static string Head(HttpResponse response, long length)
    {
        var head = new StringBuilder($"HTTP/1.1 {response.StatusCode} \r\n");
        foreach (var (name, value) in response.Headers)
            head.Append($"{name}: {value}\r\n");
        return head.Append($"Content-Length: {length}\r\nConnection: close\r\n\r\n").ToString();
    }

    private static async Task SendAsync(Socket client, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (bytes.Length > 0)
            bytes = bytes[await client.SendAsync(bytes, cancellationToken)..];
    }

    /// <summary>Bytes that nobody has read when the socket is closed make the kernel take back the answer (RFC 9112, 9.6).</summary>
    private static async Task DrainAsync(Socket client, CancellationToken cancellationToken)
    {
        var rest = new byte[1024];
        for (var read = 0; read < StatusRequest.MaxBytes;)
        {
            var more = await client.ReceiveAsync(rest, cancellationToken);
            if (more == 0)
                return;
            read += more;
        }
    }
}
