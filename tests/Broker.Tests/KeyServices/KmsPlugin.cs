using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using SidecarAgent.Kms.V2;

namespace SidecarAgent.Broker.Tests.KeyServices;

/// <summary>
/// A Kubernetes KMS v2 plugin on a Unix socket: real gRPC, real encryption, keys by key_id that can be rotated, and
/// every way to misbehave that a test asks for. Its keys survive a stop and a start.
/// </summary>
internal sealed class KmsPlugin(string socket) : IAsyncDisposable
{
    private readonly Service _service = new();
    private WebApplication? _server;

    public string Socket => socket;

    public string KeyId
    {
        get => _service.KeyId;
        set => _service.KeyId = value;
    }

    /// <summary>What Status says about health.</summary>
    public string Healthz { get; set; } = "ok";

    public string Version { get; set; } = "v2";

    /// <summary>Thrown by Encrypt and Decrypt, once set.</summary>
    public Status? Failure { get; set; }

    /// <summary>Changes what Encrypt answers.</summary>
    public Action<EncryptResponse>? Spoil { get; set; }

    /// <summary>Every call waits for it.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public int Decrypted => _service.Decrypted;

    public int Asked => _service.Asked;

    public static async Task<KmsPlugin> StartAsync(string socket)
    {
        var plugin = new KmsPlugin(socket);
        await plugin.StartAsync();
        return plugin;
    }

    public async Task StartAsync()
    {
        _service.Plugin = this;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
            kestrel.ListenUnixSocket(socket, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddRouting();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(_service);
        _server = builder.Build();
        _server.UseRouting();
        _server.MapGrpcService<Service>();
        await _server.StartAsync();
    }

    public async Task StopAsync()
    {
        if (_server is { } server)
            await server.DisposeAsync();
        _server = null;
        File.Delete(socket);
    }

    /// <summary>The KMS no longer gives this key to anybody.</summary>
    public void Destroy(string keyId) => _service.Keys.TryRemove(keyId, out _);

    public async ValueTask DisposeAsync() => await StopAsync();

    internal sealed class Service : KeyManagementService.KeyManagementServiceBase
    {
        private const string Annotation = "nonce.kms.test";

        private int _decrypted;
        private int _asked;

        public ConcurrentDictionary<string, byte[]> Keys { get; } = new();

        public KmsPlugin Plugin { get; set; } = null!;

        public string KeyId { get; set; } = "key-1";

        public int Decrypted => _decrypted;

        public int Asked => _asked;

        public override async Task<StatusResponse> Status(StatusRequest request, ServerCallContext context)
        {
            await WaitAsync(context);
            return new StatusResponse { Version = Plugin.Version, Healthz = Plugin.Healthz, KeyId = KeyId };
        }

        public override async Task<EncryptResponse> Encrypt(EncryptRequest request, ServerCallContext context)
        {
            await WaitAsync(context);
            FailIfAsked();
            using var aes = Aes(KeyId);
            var nonce = RandomNumberGenerator.GetBytes(12);
            var box = new byte[request.Plaintext.Length + 16];
            aes.Encrypt(
                nonce, request.Plaintext.Span, box.AsSpan(0, request.Plaintext.Length),
                box.AsSpan(request.Plaintext.Length), Encoding.UTF8.GetBytes(KeyId));
            var response = new EncryptResponse
            {
                Ciphertext = ByteString.CopyFrom(box),
                KeyId = KeyId,
                Annotations = { [Annotation] = ByteString.CopyFrom(nonce) },
            };
            Plugin.Spoil?.Invoke(response);
            return response;
        }

        public override async Task<DecryptResponse> Decrypt(DecryptRequest request, ServerCallContext context)
        {
            await WaitAsync(context);
            Interlocked.Increment(ref _decrypted);
            FailIfAsked();
            Assert.NotEmpty(request.Uid);
            if (!Keys.ContainsKey(request.KeyId))
                throw new RpcException(new Status(StatusCode.NotFound, $"there is no key {request.KeyId}"));
            var box = request.Ciphertext.Span;
            var plain = new byte[box.Length - 16];
            try
            {
                using var aes = Aes(request.KeyId);
                aes.Decrypt(
                    request.Annotations[Annotation].Span, box[..^16], box[^16..], plain, Encoding.UTF8.GetBytes(request.KeyId));
            }
            catch (CryptographicException)
            {
                // As a plugin written in Go does that returns a plain error.
                throw new RpcException(new Status(StatusCode.Unknown, "cipher: message authentication failed"));
            }

            return new DecryptResponse { Plaintext = ByteString.CopyFrom(plain) };
        }

        private AesGcm Aes(string keyId) => new(Keys.GetOrAdd(keyId, _ => RandomNumberGenerator.GetBytes(32)), 16);

        private Task WaitAsync(ServerCallContext context)
        {
            Interlocked.Increment(ref _asked);
            return Plugin.Gate.WaitAsync(context.CancellationToken);
        }

        private void FailIfAsked()
        {
            if (Plugin.Failure is { } failure)
                throw new RpcException(failure);
        }
    }
}
