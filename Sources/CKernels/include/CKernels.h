// Hot loops of the engine.
#pragma once
