using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Core;
using SidecarAgent.V1;

namespace SidecarAgent.Agent.Connection;

/// <summary>
/// The calls of proto/sidecaragent/v1/broker.proto. Made here and not by the generator for one reason: an answer's bytes lie
/// in a pooled buffer that others use next, and are zeroed as soon as the message was made of them.
/// </summary>
internal static class BrokerMethods
{
    public const string Service = "sidecaragent.v1.SecretBroker";

    public static readonly Method<WatchRequest, WatchResponse> Watch = Make<WatchRequest, WatchResponse>("Watch", WatchResponse.Parser, MethodType.ServerStreaming);
    public static readonly Method<FetchRequest, FetchResponse> Fetch = Make<FetchRequest, FetchResponse>("Fetch", FetchResponse.Parser);
    public static readonly Method<AcknowledgeRequest, AcknowledgeResponse> Acknowledge = Make<AcknowledgeRequest, AcknowledgeResponse>("Acknowledge", AcknowledgeResponse.Parser);
    public static readonly Method<RenewRequest, RenewResponse> Renew = Make<RenewRequest, RenewResponse>("Renew", RenewResponse.Parser);
    public static readonly Method<ReleaseRequest, ReleaseResponse> Release = Make<ReleaseRequest, ReleaseResponse>("Release", ReleaseResponse.Parser);

    private static Method<TRequest, TResponse> Make<TRequest, TResponse>(
        string name, MessageParser<TResponse> parser, MethodType type = MethodType.Unary)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> => new(
            type,
            Service,
            name,
            new Marshaller<TRequest>(Write, static _ => throw new NotSupportedException("requests are not read here")),
            new Marshaller<TResponse>(Write, context => Read(context, parser)));

    private static void Write(IMessage message, SerializationContext context)
    {
        context.SetPayloadLength(message.CalculateSize());
        message.WriteTo(context.GetBufferWriter());
        context.Complete();
    }

    private static T Read<T>(DeserializationContext context, MessageParser<T> parser)
        where T : IMessage<T>
    {
        var bytes = context.PayloadAsReadOnlySequence();
        try
        {
            return parser.ParseFrom(bytes);
        }
        finally
        {
            foreach (var segment in bytes)
                CryptographicOperations.ZeroMemory(MemoryMarshal.AsMemory(segment).Span);
        }
    }
}
