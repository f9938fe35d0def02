"""The smallest .tflite files, put together by hand; no TensorFlow needed."""

import numpy as np

from keras_gan_translate.export import flatbuffer


def tensor(shape=(1, 4, 4, 3), dtype="FLOAT32", values=None, scale=None):
    """What `write_operators` makes a tensor of."""
    return {"shape": shape, "dtype": dtype, "values": values, "scale": scale}


def constant(values, dtype="float32"):
    values = np.asarray(values, dtype)
    return tensor(values.shape, np.dtype(dtype).name.upper(), values)


def write_operators(path, *operators):
    """Writes a .tflite file.

    Args:
        path: the file.
        *operators: (name, list of input tensors, output tensor, options of
            the schema or None); a name that is not builtin is a custom one.

    Returns:
        `path`.
    """
    schema = flatbuffer.schema()
    model = schema.ModelT(
        version=3, buffers=[schema.BufferT()], operatorCodes=[], metadata=[]
    )
    graph = schema.SubGraphT(tensors=[], operators=[])
    made = {}

    def index(described):
        if id(described) in made:
            return made[id(described)]
        quantization = None
        if described["scale"]:
            quantization = schema.QuantizationParametersT(
                scale=[described["scale"]], zeroPoint=[0]
            )
        buffer = 0
        if described["values"] is not None:
            content = np.ascontiguousarray(described["values"])
            content = content.reshape(-1).view("uint8")
            buffer = len(model.buffers)
            model.buffers.append(schema.BufferT(data=content))
        graph.tensors.append(
            schema.TensorT(
                name=f"tensor_{len(made)}",
                shape=[abs(size) for size in described["shape"]],
                shapeSignature=list(described["shape"]),
                type=getattr(schema.TensorType, described["dtype"]),
                buffer=buffer,
                quantization=quantization,
            )
        )
        made[id(described)] = len(made)
        return made[id(described)]

    for name, inputs, output, options in operators:
        code = getattr(
            schema.BuiltinOperator, name, schema.BuiltinOperator.CUSTOM
        )
        custom = code == schema.BuiltinOperator.CUSTOM
        kind = type(options).__name__.removesuffix("T")
        graph.operators.append(
            schema.OperatorT(
                opcodeIndex=len(model.operatorCodes),
                inputs=[index(described) for described in inputs],
                outputs=[index(output)],
                builtinOptionsType=getattr(schema.BuiltinOptions, kind, 0),
                builtinOptions=options,
            )
        )
        model.operatorCodes.append(
            schema.OperatorCodeT(
                builtinCode=code, customCode=name if custom else None
            )
        )
    graph.inputs = [graph.operators[0].inputs[0]]
    graph.outputs = [graph.operators[-1].outputs[0]]
    model.subgraphs = [graph]
    path.write_bytes(flatbuffer.pack(model))
    return path
