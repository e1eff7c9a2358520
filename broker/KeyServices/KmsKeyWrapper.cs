using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Kms.V2;

namespace SidecarAgent.Broker.KeyServices;

/// <summary>
/// A KEK behind a Kubernetes KMS v2 plugin, asked over its Unix socket. The plugin says which key it uses by a
/// <c>key_id</c>, and may change it at any time; each wrapped key remembers its own. What is stored is the plugin's
/// answer, <see cref="EncryptResponse"/>, because Decrypt wants all of it back.
/// </summary>
internal sealed class KmsKeyWrapper : IKeyWrapper
{
    private const string Scheme = "kms:";
    private const int MaxCiphertext = 1024;
    private const int MaxKeyId = 1024;
    private const int MaxAnnotations = 32 * 1024;
    private const int MaxAnswer = 64 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _clock;
    private readonly GrpcChannel _channel;
    private readonly KeyManagementService.KeyManagementServiceClient _plugin;
    private volatile string? _keyId;

    /// <param name="socket">Path of the plugin's socket. It need not be there yet.</param>
    /// <param name="clock">Limits how long an answer may take.</param>
    public KmsKeyWrapper(string socket, TimeProvider clock)
    {
        _clock = clock;
        _channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
        {
            HttpHandler = Over(socket),
            DisposeHttpClient = true,
            MaxReceiveMessageSize = MaxAnswer,
        });
        _plugin = new KeyManagementService.KeyManagementServiceClient(_channel);
    }

    public string? KeyId => _keyId;

    public bool Knows(string keyId) => keyId.StartsWith(Scheme, StringComparison.Ordinal);

    public bool TryUnwrap(WrappedKey wrapped, Span<byte> key) => false;

    public async ValueTask<WrappedKey> WrapAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken)
    {
        var request = new EncryptRequest { Plaintext = UnsafeByteOperations.UnsafeWrap(key), Uid = Guid.NewGuid().ToString() };
        EncryptResponse response;
        try
        {
            response = await AskAsync(call => _plugin.EncryptAsync(request, call), cancellationToken);
        }
        catch (RpcException e)
        {
            throw Unavailable(e);
        }

        Require(response.Ciphertext.Length is > 0 and <= MaxCiphertext, "Encrypt's ciphertext has 1 to 1024 bytes");
        RequireKeyId(response.KeyId);
        Require(
            response.Annotations.Sum(a => a.Key.Length + a.Value.Length) <= MaxAnnotations,
            "Encrypt's annotations have at most 32 KiB");
        _keyId = Scheme + response.KeyId;
        return new WrappedKey(Scheme + response.KeyId, response.ToByteArray());
    }

    public async ValueTask UnwrapAsync(WrappedKey wrapped, Memory<byte> key, CancellationToken cancellationToken)
    {
        var request = Request(wrapped);
        DecryptResponse response;
        try
        {
            response = await AskAsync(call => _plugin.DecryptAsync(request, call), cancellationToken);
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.InvalidArgument or StatusCode.NotFound
            or StatusCode.FailedPrecondition or StatusCode.PermissionDenied or StatusCode.DataLoss)
        {
            throw Refused(wrapped, e);
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.Unknown or StatusCode.Internal)
        {
            // What plugins answer both when they are broken and when the ciphertext is. Their status tells which.
            await CheckAsync(cancellationToken);
            throw Refused(wrapped, e);
        }
        catch (RpcException e)
        {
            throw Unavailable(e);
        }

        try
        {
            if (response.Plaintext.Length != key.Length)
                throw new CryptographicException($"The KMS plugin unwrapped {wrapped.KeyId} to a key of another length.");
            response.Plaintext.Span.CopyTo(key.Span);
        }
        finally
        {
            // Immutable by contract; this one has just come off the wire, and nobody else has it.
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsMemory(response.Plaintext.Memory).Span);
        }
    }

    public async ValueTask CheckAsync(CancellationToken cancellationToken)
    {
        StatusResponse status;
        try
        {
            status = await AskAsync(call => _plugin.StatusAsync(new StatusRequest(), call), cancellationToken);
        }
        catch (RpcException e)
        {
            throw Unavailable(e);
        }

        Require(status.Version is "v2" or "v2beta1", $"it speaks '{ForeignText.Clean(status.Version)}', and not v2");
        Require(status.Healthz == "ok", $"it is not healthy: {ForeignText.Clean(status.Healthz)}");
        RequireKeyId(status.KeyId);
        _keyId = Scheme + status.KeyId;
    }

    public void Dispose() => _channel.Dispose();

    private static DecryptRequest Request(WrappedKey wrapped)
    {
        EncryptResponse stored;
        try
        {
            stored = EncryptResponse.Parser.ParseFrom(wrapped.Bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new CryptographicException("The wrapped data key is not what a KMS plugin has returned.", e);
        }

        if (Scheme + stored.KeyId != wrapped.KeyId)
            throw new CryptographicException("The wrapped data key does not belong to the key id beside it.");
        return new DecryptRequest
        {
            Ciphertext = stored.Ciphertext,
            KeyId = stored.KeyId,
            Annotations = { stored.Annotations },
            Uid = Guid.NewGuid().ToString(),
        };
    }

    private async Task<T> AskAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> call, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(Patience, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            return await call(new CallOptions(cancellationToken: either.Token));
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Cancelled)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw late.IsCancellationRequested
                ? new KeyUnavailableException($"the KMS plugin did not answer within {Patience.TotalSeconds:0} s", e)
                : Unavailable(e);
        }
    }

    private static void RequireKeyId(string keyId) =>
        Require(keyId.Length is > 0 and <= MaxKeyId && !keyId.Any(char.IsControl), "a key_id is text of 1 to 1024 bytes");

    private static void Require(bool condition, string problem)
    {
        if (!condition)
            throw new KeyUnavailableException($"the KMS plugin cannot be used: {problem}");
    }

    private static KeyUnavailableException Unavailable(RpcException cause) =>
        new($"the KMS plugin cannot be used: {cause.StatusCode}, {ForeignText.Clean(cause.Status.Detail)}", cause);

    private static CryptographicException Refused(WrappedKey wrapped, RpcException cause) => new(
        $"The KMS plugin refuses to unwrap what {ForeignText.Clean(wrapped.KeyId)} has wrapped: "
        + ForeignText.Clean(cause.Status.Detail), cause);

    private static SocketsHttpHandler Over(string path) => new()
    {
        UseProxy = false,
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };
}
